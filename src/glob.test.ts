import fc from "fast-check";
import { expect, it } from "vitest";
import { compileGlob } from "./glob.ts";

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

it("a pattern with long parts matches what the same regular expression matches", () => {
  const long = fc
    .integer({ min: 60, max: 70 })
    .chain((length) => fc.constantFrom("a", "ab", "aab").map((unit) => unit.repeat(length).slice(0, length)));
  const piece = fc.oneof(long, fc.constantFrom("", "a", "b"));
  fc.assert(
    fc.property(fc.array(piece, { minLength: 1, maxLength: 4 }), fc.array(piece, { maxLength: 6 }), (parts, texts) => {
      const value = texts.join("");
      expect(compileGlob(parts)(value)).toBe(new RegExp(`^${parts.join(".*")}$`).test(value));
    }),
    { numRuns: 2000 },
  );
});

it("many stars and long parts take time in proportion to the text", () => {
  const text = "abc".repeat(200_000);
  // A backtracking matcher would need hours for each.
  expect(compileGlob("/a*b*c*d*e*f*g*a*b*c*x".split("*"))(`/${text}`)).toBe(false);
  expect(compileGlob(["", ...Array.from({ length: 5_000 }, () => "abc"), ""])(text)).toBe(true);
  expect(compileGlob(["", `b${"a".repeat(5_000)}`, ""])("a".repeat(2_000_000))).toBe(false);
});
