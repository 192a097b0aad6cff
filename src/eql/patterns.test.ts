import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fold } from "./fold.ts";
import { PatternError } from "./lucene-regex.ts";
import { compilePatterns } from "./patterns.ts";

const regex = (pattern: string, text: string) => compilePatterns("regex", [pattern])(text);

describe("a regular expression of Lucene", () => {
  it.each<[string, string, boolean]>([
    ["net1?", "net", true],
    ["net", "a net", false],
    [".*net.*", "a\nnet", true],
    ["^a$", "^a$", true],
    ["a|b", "ab", false],
    ["[a-c]+x", "abcx", true],
    ["[^a-c]", "d", true],
    ["[.^$*]+", "$*.^", true],
    ["[a\\]b]+", "a]b", true],
    ["(ab){2}", "abab", true],
    ["a{2}?", "", true],
    ["a{2}?", "aa", true],
    ["a{1,}?b", "aab", true],
    ["a.??b", "axb", true],
    ['"a.b"', "a.b", true],
    ['"a.b"', "axb", false],
    ["a@", "abc", true],
    ["#", "", false],
    ["a\\.b\\@", "a.b@", true],
    ["\\d+\\s\\w*", "12 x", true],
    ["()", "", true],
    ["x-y/z", "x-y/z", true],
  ])("%s: %s is %s", (pattern, text, expected) => {
    expect(regex(pattern, text)).toBe(expected);
  });

  it.each(["(a", "a)", "[a", '"a', "a\\", "*a", "a{", "~a", "a&b", "<1-5>", "a{5000}", `${"(".repeat(1_000)}a`])(
    "not %s",
    (pattern) => {
      expect(() => regex(pattern, "")).toThrow(PatternError);
    },
  );
});

it("wildcards match as in a plain pattern", () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom("a", "b", "*", "?", "\\", ".", "😀"), maxLength: 8 }),
      fc.string({ unit: fc.constantFrom("a", "b", "\\", ".", "\n", "😀"), maxLength: 8 }),
      (pattern, text) => {
        const source = pattern.replace(/[\\.*?]/g, (mark) => ({ "*": "[^]*", "?": "[^]" })[mark] ?? `\\${mark}`);
        expect(compilePatterns("like", [pattern])(text)).toBe(new RegExp(`^${source}$`, "u").test(text));
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 100_000 : 2_000 },
  );
});

const plainWildcard = (pattern: string) =>
  new RegExp(`^${pattern.replace(/[\\.*?]/g, (mark) => ({ "*": "[^]*", "?": "[^]" })[mark] ?? `\\${mark}`)}$`, "u");

it("wildcards with both marks between texts match as in a plain pattern", () => {
  const mark = fc.constantFrom("a", "b", "*", "*?", "?", "a?b");
  const pattern = fc.array(mark, { minLength: 3, maxLength: 9 }).map((marks) => `*${marks.join("")}*`);
  const text = fc.string({ unit: fc.constantFrom("a", "b", "b", "c"), maxLength: 24 });
  fc.assert(
    fc.property(pattern, text, fc.constantFrom("", "😀"), (pattern, text, last) => {
      expect(compilePatterns("like", [pattern])(text + last)).toBe(plainWildcard(pattern).test(text + last));
    }),
    { numRuns: process.env["WEIR_LONG"] ? 100_000 : 2_000 },
  );
});

it.each<[string, string, boolean]>([
  ["x*a?c*y", "x-abd-abc-y", true],
  ["x*a?c*y", "x-abd-ab-cy", false],
  ["x*??*y", "xaby", true],
  ["x*??*y", "xay", false],
  ["x*??*y", "x😀y", false],
  ["x*?a*y", "x😀ay", true],
  ["*?aa*", "aa", false],
  ["*?aa*", "aaa", true],
  ["a*b?b*b", "abcb", false],
  [`*${"a".repeat(15)}?${"b".repeat(16)}*`, `-${"a".repeat(16)}${"b".repeat(16)}-`, true],
  [`*${"a".repeat(15)}?${"b".repeat(16)}*`, `-${"a".repeat(15)}${"b".repeat(16)}-`, false],
  ["*é?é*é?*", "éeéeéeéé", true],
  [`*${"a".repeat(40)}?${"b".repeat(40)}*`, `-${"a".repeat(41)}${"b".repeat(40)}-`, true],
  [`*${"a".repeat(40)}?${"b".repeat(40)}*`, `-${"a".repeat(40)}${"b".repeat(40)}-`, false],
  [`*${"a".repeat(15)}?${"a".repeat(15)}b*`, "a".repeat(1_000_000), false],
])("%.20s fits %.20s: %s", (pattern, text, expected) => {
  expect(compilePatterns("like", [pattern])(text)).toBe(expected);
});

it("letter case is the same in wildcards and regular expressions", () => {
  expect(compilePatterns(":", ["*ÄÖ?*"])("xäöÜ")).toBe(true);
  expect(compilePatterns("regex~", [".*ÄÖ."])("xäöÜ")).toBe(true);
  expect(compilePatterns("like~", ["?"])("😀")).toBe(true);
  expect(fold("İSTANBUL ß")).toHaveLength("İSTANBUL ß".length);
});
