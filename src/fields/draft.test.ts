import fc from "fast-check";
import { expect, it } from "vitest";
import type { Data } from "../json.ts";
import { Draft } from "./draft.ts";
import { compilePath } from "./path.ts";
import { WriteError, writePath } from "./write-path.ts";

const key = fc.constantFrom("a", "b", "c", "a.b", "b.c", "__proto__", "constructor", "0");
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<unknown>(1, "x", true, null),
    fc.array(tie("value"), { maxLength: 3 }),
    fc.array(fc.tuple(key, tie("value")), { maxLength: 3 }).map((members) => Object.fromEntries(members)),
  ),
}));
const data = fc.array(fc.tuple(key, value), { maxLength: 4 }).map((members) => Object.fromEntries(members) as Data);
const path = fc
  .array(fc.constantFrom("a", "b", "c", "0", "__proto__", "constructor"), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join("."));

/** Freezes all of a value. */
const frozen = <T>(value: T): T => {
  if (typeof value === "object" && value !== null) {
    Object.values(value).forEach(frozen);
    Object.freeze(value);
  }
  return value;
};

it("has what was written, and changes nothing that others hold", () => {
  fc.assert(
    fc.property(data, fc.array(fc.tuple(path, fc.integer()), { minLength: 1, maxLength: 5 }), (before, writes) => {
      const copy = structuredClone(before);
      const draft = new Draft(frozen(before));
      for (const [text, number] of writes) {
        const at = writePath(text);
        try {
          draft.set(at, number);
        } catch (error) {
          expect(error).toBeInstanceOf(WriteError);
          continue;
        }
        expect(draft.get(at)).toBe(number);
        // Queries find it, too, unless an index of an array is on its way.
        if (!/(^|\.)0/.test(text)) expect(compilePath(text).values(draft.data)).toContain(number);
      }
      expect(before).toEqual(copy);
      expect(Object.getPrototypeOf(draft.data)).toBe(Object.prototype);
    }),
  );
});

it("no longer has what was removed, and has all else", () => {
  fc.assert(
    fc.property(data, path, (before, text) => {
      const draft = new Draft(frozen(before));
      const at = writePath(text);
      const was = draft.get(at);
      expect(draft.remove(at)).toBe(was !== undefined);
      if (was === undefined) expect(draft.data).toBe(before);
      else expect(JSON.stringify(draft.data).length).toBeLessThan(JSON.stringify(before).length);
    }),
  );
});

it.each<[text: string, wanted: Data, before?: Data]>([
  ["a.b", { a: { b: 1 } }],
  ["a.b.c", { a: { b: { c: 1 } } }],
  ["x.y", { "x.y": 1, a: {} }, { "x.y": 0, a: {} }],
  ["x.y.z", { "x.y": { z: 1 } }, { "x.y": { z: 0 } }],
  ["list.1.b", { list: [0, { b: 1 }] }, { list: [0, {}] }],
  ["a.b", { a: { b: 1 } }, { a: null }],
])("sets %s", (text, wanted, before = {}) => {
  const draft = new Draft(before);
  draft.set(writePath(text), 1);
  expect(draft.data).toEqual(wanted);
});

it.each([
  ["a.b", { a: 5 }, '"a.b" cannot be written, because "a" is a number'],
  ["a.b.c", { a: { b: "x" } }, '"a.b.c" cannot be written, because "a.b" is a string'],
  ["a.3", { a: [1] }, '"a.3" cannot be written, because "a" is an array without "3"'],
  ["a.b.c", { a: [1] }, '"a.b.c" cannot be written, because "a" is an array without "b"'],
])("says why %s cannot be written", (text, before, message) => {
  expect(() => new Draft(before as Data).set(writePath(text), 1)).toThrow(message);
});

it.each(["", "a..b", ".a", "a."])("refuses the path %j", (text) => {
  expect(() => writePath(text)).toThrow(WriteError);
});
