import fc from "fast-check";
import { expect, it } from "vitest";
import { scanText } from "../json-text.ts";
import { RecordMeta } from "../meta.ts";
import { CheckedRecord, partOf } from "../record-event.ts";
import { compileKql } from "./compile.ts";
import { kqlHeads } from "./heads.ts";

const name = fc.constantFrom("user", "user.name", "user.na", "userx", "verb", "a", "a.b", "message", "é");
const value = fc.oneof(fc.constantFrom("x", "y", "bob", 1, true, null), fc.constantFrom([], ["x", 1], [{ name: "x" }]));
const inner = fc.dictionary(fc.constantFrom("name", "na", "b", "b.c", "user"), value, { maxKeys: 3 });
const data = fc.dictionary(name, fc.oneof(value, inner), { maxKeys: 6 });

const queries = [
  "user.name : x",
  "user : *",
  "user.* : x",
  "not user.name : (x or y) and verb : bob",
  "a.b.c : x or a : { b : x }",
  "é : x",
  "message : x and not userx : 1",
];

it("a query matches the part of a record with its heads if and only if it matches the whole", () => {
  fc.assert(
    fc.property(data, fc.constantFrom(...queries), (data, query) => {
      const heads = kqlHeads(query)!;
      const text = JSON.stringify(data);
      const record = new CheckedRecord(new RecordMeta("in", "s", 0, 0), text, scanText(text) === "distinct");
      const part = partOf(record, heads);
      // An empty record has no outline.
      expect(record.isParsed).toBe(Object.keys(data).length === 0);
      for (const key of Object.keys(part)) expect(heads).toContain(key.split(".")[0]);
      const matches = compileKql(query);
      expect(matches(part)).toBe(matches(data));
    }),
    { numRuns: 500 },
  );
});

it("says which members a query reads, if that is certain", () => {
  expect(kqlHeads('user.name : x and not a.b : "y"')).toEqual(["user", "a"]);
  expect(kqlHeads("x", { defaultFields: ["message", "event.original"] })).toEqual(["message", "event"]);
  expect(kqlHeads("a : { b : x }")).toEqual(["a"]);
  for (const query of ["u* : x", "* : x", "*.name : x"]) expect(kqlHeads(query)).toBeUndefined();
  expect(kqlHeads("x", { defaultFields: ["*"] })).toBeUndefined();
});
