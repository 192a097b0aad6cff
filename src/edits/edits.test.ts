import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, jsonOf } from "../event.ts";
import { Draft } from "../fields/draft.ts";
import { read, record, value } from "../fields/testing/records.ts";
import { WriteError, type WritePath, writePath } from "../fields/write-path.ts";
import type { Json } from "../json.ts";
import { parseJson } from "../parse-json.ts";
import { compileEdits, type Edit } from "./edits.ts";

const path = fc
  .array(fc.constantFrom("a", "b", "c", "log", "é", "new", "next"), { minLength: 1, maxLength: 3 })
  .map((names) => writePath(names.join(".")));
const edit: fc.Arbitrary<Edit> = fc.oneof(
  fc.record({ kind: fc.constant("set" as const), to: path, value: value as fc.Arbitrary<Json> }),
  fc.record({ kind: fc.constantFrom("copy" as const, "rename" as const), from: path, to: path }),
  fc.record({ kind: fc.constant("remove" as const), from: path }),
);

/** The same by a draft: the event, or undefined if an edit fails. */
const drafted = (event: Event, edits: readonly Edit[]): Event | undefined => {
  const draft = Draft.of(event);
  try {
    return edits.every((one) => isDone(draft, one)) ? draft.event : undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(WriteError);
    return undefined;
  }
};

const isDone = (draft: Draft, one: Edit): boolean => {
  if (one.kind === "set") draft.set(one.to, one.value);
  if (one.kind === "remove") draft.removeAll(one.from);
  if (one.kind !== "copy" && one.kind !== "rename") return true;
  const found = draft.get(one.from);
  if (found === undefined || (one.kind === "rename" && draft.get(one.to) !== undefined)) return false;
  if (one.kind === "rename") draft.remove(one.from);
  draft.set(one.to, found);
  return true;
};

it("does to the text of a record what a draft does to its data, or leaves it to the draft", () => {
  let decided = 0;
  fc.assert(
    fc.property(record, fc.array(edit, { minLength: 1, maxLength: 4 }), fc.array(record), (text, edits, others) => {
      const apply = compileEdits(edits);
      if (!apply) return;
      // Nothing of another event may be left.
      for (const other of others) apply(read(other, "parts"));
      const event = read(text, "parts");
      const edited = apply(event);
      if (!edited) return;
      decided++;
      const parsed = read(text, "all");
      const expected = drafted(parsed, edits);
      expect(expected).toBeDefined();
      expect(edited === event).toBe(expected === parsed);
      expect(edited.meta).toBe(event.meta);
      const json = jsonOf(edited) as string;
      expect(json).not.toMatch(/[\r\n]/);
      expect(parseJson(json)).toEqual(expected!.data);
      expect(JSON.stringify(edited.data)).toBe(JSON.stringify(expected!.data));
      // What is known of the new text is what is found in it.
      expect(read(json, "parts").data).toEqual(edited.data);
    }),
    { numRuns: process.env["WEIR_LONG"] ? 20_000 : 5_000 },
  );
  expect(decided).toBeGreaterThan(process.env["WEIR_LONG"] ? 1_000 : 200);
});

const at = writePath;
const edited = (text: string, ...edits: readonly Edit[]): unknown => {
  const event = compileEdits(edits)?.(read(text, "parts"));
  return event && jsonOf(event);
};
const copy = (from: string, to: string): Edit => ({ kind: "copy", from: at(from), to: at(to) });
const rename = (from: string, to: string): Edit => ({ kind: "rename", from: at(from), to: at(to) });
const remove = (from: string): Edit => ({ kind: "remove", from: at(from) });
const set = (to: string, value: Json): Edit => ({ kind: "set", to: at(to), value });

describe("what it writes", () => {
  const text = '{"n":1.0, "user" : {"id":12345678901234567890,"2":[ 1e2 ],"1":"\\u0061"},"verb":"get"}';

  it.each<[what: string, edits: readonly Edit[], json: string]>([
    [
      "copies with all digits, and everything else as it came",
      [copy("user.id", "user.name"), set("a.b", true)],
      '{"n":1.0,"user":{"id":12345678901234567890,"2":[ 1e2 ],"1":"\\u0061","name":12345678901234567890},"verb":"get","a":{"b":true}}',
    ],
    [
      "members that are removed or get another name, in all places",
      [rename("n", "count"), remove("user.id"), rename("verb", "user.verb")],
      '{"user":{"2":[ 1e2 ],"1":"\\u0061","verb":"get"},"count":1.0}',
    ],
    ["an object without its members", [remove("n"), remove("user"), remove("verb")], "{}"],
    [
      "another value in the place of the old one, and what a later edit makes of it",
      [set("verb", "list"), copy("verb", "x.y.z"), set("x.y.w", [1])],
      '{"n":1.0, "user" : {"id":12345678901234567890,"2":[ 1e2 ],"1":"\\u0061"},"verb":"list","x":{"y":{"z":"list","w":[1]}}}',
    ],
  ])("%s", (_, edits, json) => {
    expect(edited(text, ...edits)).toBe(json);
  });
});

describe("what it leaves to a draft", () => {
  it.each<[what: string, text: string, edit: Edit]>([
    ["a field that is not there", '{"b":1}', copy("a", "c")],
    ["a name that is taken", '{"a":1,"b":2}', rename("a", "b")],
    ["a name with dots", '{"a.b":1}', set("a.b", 2)],
    ["a name with dots in an object", '{"a":{"b.c":1}}', remove("a.b.c")],
    ["a value in the way", '{"a":1}', set("a.b", 2)],
    ["a list", '{"a":[{"b":1}]}', copy("a.b", "c")],
    ["a name that repeats", '{"a":1,"a":2}', set("b", 1)],
    ["a name with an escape", '{"\\u0061":1}', set("b", 1)],
    ["a name with an escape in an object", '{"a":{"\\u0062":1}}', set("b", 1)],
    ["what may be nested too deep", `{"a":${"[".repeat(511)}${"]".repeat(511)}}`, copy("a", "b.c")],
  ])("%s", (_, text, one) => {
    expect(edited(text, one)).toBeUndefined();
  });

  it.each<[what: string, edits: readonly Edit[]]>([
    ["a field within one that is written", [set("a", {}), set("a.b", 1)]],
    ["a field around one that is written", [set("a.b", 1), copy("a", "c")]],
    ["a field that is removed and given again", [remove("a"), set("a", 1)]],
    ["a field that is removed twice", [rename("a", "b"), remove("a")]],
    ["an item of a list", [set("a.0", 1)]],
    ["a name that JSON escapes", [set('a"', 1)]],
    [
      "what weir knows of an event",
      [{ kind: "copy", from: { ...at("a"), segments: ["_meta", "id"] } as WritePath, to: at("b") }],
    ],
  ])("%s, for all events", (_, edits) => {
    expect(compileEdits(edits)).toBeUndefined();
  });
});
