import fc from "fast-check";
import { expect, it } from "vitest";
import { compileGlob, splitAtSpaces } from "./glob.ts";

it("a pattern matches what the same regular expression matches", () => {
  const text = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 8 });
  const part = fc.string({ unit: fc.constantFrom("a", "b", "."), maxLength: 2 });
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), text, (parts, value) => {
      const pattern = new RegExp(`^${parts.map((each) => each.replaceAll(".", "\\.")).join(".*")}$`);
      expect(compileGlob(parts)(value)).toBe(pattern.test(value));
    }),
    { numRuns: 5000 },
  );
});

it.each([
  [["a", ""], [["a", ""]]],
  [
    [" a", "b  c", ""],
    [
      ["a", "b"],
      ["c", ""],
    ],
  ],
  [
    ["", " ", ""],
    [
      ["", ""],
      ["", ""],
    ],
  ],
])("%j split at spaces is %j", (parts, pieces) => {
  expect(splitAtSpaces(parts)).toEqual(pieces);
});
