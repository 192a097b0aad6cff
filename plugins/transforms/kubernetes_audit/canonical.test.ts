import fc from "fast-check";
import { expect, it } from "vitest";
import { ExactNumber, isObject } from "weir/fields";
import { canonicalJson } from "./canonical.ts";

const shuffled = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(shuffled);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([name, inner]) => [name, shuffled(inner)]),
  );
};

it("is equal for equal content in any order, and differs for other content", () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (value, other) => {
      const text = canonicalJson(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonicalJson(shuffled(value))).toBe(text);
      const same = JSON.stringify(shuffled(shuffled(value))) === JSON.stringify(shuffled(shuffled(other)));
      if (same) expect(canonicalJson(other)).toBe(text);
      if (canonicalJson(other) === text) expect(JSON.parse(JSON.stringify(other))).toEqual(JSON.parse(text));
    }),
  );
});

/** Member by member, as it is defined. */
const plainly = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(plainly).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "null";
  const members = Object.keys(value).sort();
  return `{${members.map((key) => `${JSON.stringify(key)}:${plainly(value[key])}`).join(",")}}`;
};

const name = fc.oneof(
  fc.string({ maxLength: 3 }),
  fc.constantFrom("a", "b", "verb", "10", "9", "1a", "-1", "__proto__", "constructor", "toJSON", "é", "\ud800"),
);
const { value } = fc.letrec((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.oneof(fc.string(), fc.double(), fc.boolean(), fc.constantFrom(null, new ExactNumber("12345678901234567890"))),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.array(fc.tuple(name, tie("value")), { maxLength: 5 }).map((members) => {
      const object = {};
      for (const [key, value] of members)
        Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
      return object;
    }),
  ),
}));

it("sorts the members of every object by name, whatever their names are", () => {
  fc.assert(
    fc.property(value, (value) => {
      expect(canonicalJson(value)).toBe(plainly(value));
    }),
    { numRuns: 1_000 },
  );
});

it("sorts them also when it has seen more names than it remembers, and long ones", () => {
  for (let index = 0; index < 10_000; index++)
    expect(canonicalJson({ [`b${index}`]: 1, a: { d: [], c: {} } })).toBe(`{"a":{"c":{},"d":[]},"b${index}":1}`);
  const long = "b".repeat(1_000);
  expect(canonicalJson({ [long]: 1, a: 2 })).toBe(`{"a":2,"${long}":1}`);
});
