import fc from "fast-check";
import { expect, it } from "vitest";
import { maxDepth } from "../../json.ts";
import { tooCostly } from "./record-cost.ts";

const reasonOf = (text: string): string | undefined => {
  const bytes = Buffer.from(text);
  return tooCostly(bytes, 0, bytes.length)?.reason;
};

/** Spaces, so that a record is large enough to be looked at. */
const large = " ".repeat(70_000);
const many = (count: number, item: (n: number) => string) => Array.from({ length: count }, (_, n) => item(n)).join(",");

it.each([
  ["objects", (count: number) => `[${many(count - 1, () => "{}")}]`, 250_000, "too_many_values"],
  ["arrays", (count: number) => `[${many(count - 1, () => "[]")}]`, 250_000, "too_many_values"],
  ["members", (count: number) => `{${many(count, () => '"a":1')}}`, 1_000_000, "too_many_values"],
  ["levels", (count: number) => `${"[".repeat(count)}${large}${"]".repeat(count)}`, maxDepth, "too_deep"],
  ["levels that do not end", (count: number) => `${"[".repeat(count)}${large}`, maxDepth, "too_deep"],
])("as many %s as the limit, and no more", (_what, make, limit, reason) => {
  expect(reasonOf(make(limit))).toBeUndefined();
  expect(reasonOf(make(limit + 1))).toBe(reason);
});

it("so many different names; a few may be taken for one another", () => {
  const names = (count: number) => `[${many(count, (n) => `{"name-${n}":${n}}`)}]`;
  expect(reasonOf(names(32_768))).toBeUndefined();
  expect(reasonOf(names(34_000))).toBe("too_many_values");
});

it("a small record is left to the parser", () => {
  expect(reasonOf("[".repeat(60_000))).toBeUndefined();
});

it("what is in strings does not count", () => {
  const text = fc.string({ unit: fc.constantFrom("[", "{", ":", '"', "\\", "a"), maxLength: 50 });
  fc.assert(
    fc.property(fc.array(text, { minLength: 1, maxLength: 20 }), (strings) => {
      const list = JSON.stringify(strings).slice(1, -1);
      expect(reasonOf(`[${new Array(Math.ceil(300_000 / list.length)).fill(list).join(",")}]`)).toBeUndefined();
    }),
    { numRuns: 30 },
  );
});
