import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileKql } from "../index.ts";
import { comparisonOf, comparisons } from "./index.ts";

const filler = "at shop.Cart.add(Cart.java:7) ".repeat(40);
const nested = (field: string, value: unknown): Record<string, unknown> =>
  field.split(".").reduceRight<unknown>((inner, key) => ({ [key]: inner }), value) as Record<string, unknown>;
const matches = (query: string, field: string, value: unknown) => compileKql(query)(nested(field, value));

/** A star is about the whole value here, so it does not matter how a type splits a pattern. */
describe.each(["message", "error.message", "error.stack_trace", "event.original", "log", "app.command_line"])(
  "a long value of %s",
  (field) => {
    it("is there, matches, and is excluded", () => {
      expect(matches(`${field}:*`, field, `ERROR ${filler}`)).toBe(true);
      expect(matches(`${field}:*ERROR*`, field, `ERROR ${filler}`)).toBe(true);
      expect(matches(`not ${field}:*DEBUG*`, field, `DEBUG ${filler}`)).toBe(false);
      expect(matches(`${field}:*ERROR*`, field, `DEBUG ${filler}`)).toBe(false);
    });
  },
);

describe.each(["process.command_line", "process.parent.command_line", "url.full", "url.original", "url.path"])(
  "a long value of %s, a wildcard field",
  (field) => {
    const long = `/${"x".repeat(5000)}/secret`;
    it("matches as a whole, by patterns, and by range", () => {
      for (const query of [`${field}:*`, `${field}:*/secret`, `${field}:"${long}"`, `${field} > "/"`, `*:*secret`])
        expect(matches(query, field, long)).toBe(true);
      expect(matches(`not ${field}:*secret*`, field, long)).toBe(false);
    });
  },
);

describe.each(["user_agent.original", "user.name", "process.args", "kubernetes.audit.requestURI", "tags"])(
  "a long value of %s, a keyword with ignore_above",
  (field) => {
    it("is missing from 1,025 UTF-16 units on, for every kind of test", () => {
      for (const [value, indexed] of [
        ["x".repeat(1024), true],
        ["x".repeat(1025), false],
        [`${"😀".repeat(512)}`, true],
        [`${"😀".repeat(512)}x`, false],
      ] as const) {
        for (const query of [`${field}:*`, `${field}:**`, `${field}:"${value}"`, `${field} >= "a"`, "*:*x*"])
          expect(matches(query, field, value), query.slice(0, 30)).toBe(
            indexed && (query !== "*:*x*" || value.includes("x")),
          );
        expect(matches(`not ${field}:*`, field, value)).toBe(!indexed);
      }
    });
  },
);

it("knows other limits than 1,024", () => {
  expect(matches("file.drive_letter:*", "file.drive_letter", "C")).toBe(true);
  expect(matches("file.drive_letter:*", "file.drive_letter", "C:")).toBe(false);
});

it("a limit changes nothing for values within it, and hides all others", () => {
  const scalar = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "b", "1"), maxLength: 5 }),
    fc.integer(),
    fc.boolean(),
  );
  const text = fc.string({ unit: fc.constantFrom("a", "b", "1"), maxLength: 5 });
  const type = fc.constantFrom("keyword", "wildcard", "by_value" as const);
  fc.assert(
    fc.property(scalar, text, text, type, fc.nat(6), (value, one, other, type, ignoreAbove) => {
      const [free, limited] = [comparisons[type], comparisonOf({ type, ignoreAbove })];
      const fits = String(value).length <= ignoreAbove;
      const same = (a: boolean, b: boolean) => expect(b).toBe(a && fits);
      same(free.exists(value), limited.exists(value));
      same(free.pattern([one, other])(value), limited.pattern([one, other])(value));
      same(free.range("<=", one)(value), limited.range("<=", one)(value));
      // Equal to the literal as text; by value, 1 is also equal to a longer "01".
      if (type !== "by_value" || one.length <= ignoreAbove)
        same(free.equal(one, true)(value) && fits, limited.equal(one, true)(value) && fits);
    }),
    { numRuns: 2000 },
  );
});
