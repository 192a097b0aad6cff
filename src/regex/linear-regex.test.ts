import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinearRegex } from "./linear-regex.ts";
import { RegexError } from "./regex-error.ts";

/** Patterns that JavaScript reads in the same way, without groups that are captured more than once. */
const atom = fc.constantFrom("a", "b", "c", ".", "\\d", "\\w", "\\s", "[ab]", "[^a]", "[a-c1-3]", "\\n", "1", "-", "é");
const place = fc.constantFrom(
  "^",
  "$",
  "\\b",
  "\\B",
  "(?=a)",
  "(?!b)",
  "(?<=a)",
  "(?<!\\w)",
  "(?=a+b)",
  "(?!.*c)",
  "(?=(?!ab)a|b)",
);
const quantifier = fc.constantFrom("*", "+", "?", "*?", "+?", "??", "{2}", "{0,2}", "{1,3}?", "{2,}");
const { inner } = fc.letrec<{ inner: string }>((tie) => ({
  inner: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    atom,
    place,
    fc.tuple(atom, quantifier).map(([node, times]) => node + times),
    // JavaScript alone says that an optional part which matches the empty text took no part.
    fc.tuple(tie("inner"), atom, quantifier).map(([node, one, times]) => `(?:${node}${one})${times}`),
    fc.array(tie("inner"), { minLength: 1, maxLength: 4 }).map((nodes) => nodes.join("")),
    fc.array(tie("inner"), { minLength: 1, maxLength: 3 }).map((nodes) => `(?:${nodes.join("|")})`),
  ),
}));
const pattern = fc
  .array(
    fc.oneof(
      inner,
      inner.map((node) => `(${node})`),
      fc.tuple(inner, atom).map(([node, one]) => `(${node}${one})?`),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join(""));
const text = fc.string({ unit: fc.constantFrom("a", "b", "c", "1", "-", " ", "\n", "é", "A"), maxLength: 12 });
const flags = fc.record({ ignoreCase: fc.boolean(), dotAll: fc.boolean(), multiline: fc.boolean() });

const native = (source: string, { ignoreCase, dotAll, multiline }: Record<string, boolean>): RegExp =>
  new RegExp(source, `g${ignoreCase ? "i" : ""}${dotAll ? "s" : ""}${multiline ? "m" : ""}`);

it("finds what a backtracking engine finds", () => {
  fc.assert(
    fc.property(pattern, flags, fc.array(text, { minLength: 1, maxLength: 5 }), (source, options, texts) => {
      const regex = new LinearRegex(source, options);
      for (const one of texts) {
        const wanted = native(source, options).exec(one);
        const found = regex.exec(one);
        expect(
          found && [
            found.start,
            ...[0, ...regex.groups.map((_, index) => index + 1)].map((index) => found.group(index)),
          ],
        ).toEqual(wanted ? [wanted.index, ...wanted] : undefined);
      }
    }),
    { numRuns: process.env["WEIR_LONG"] ? 3_000 : 750 },
  );
});

it("replaces what a backtracking engine replaces", () => {
  fc.assert(
    fc.property(pattern, flags, text, (source, options, one) => {
      expect(new LinearRegex(source, options).replace(one, (match) => `<${match.group(0)}>`)).toBe(
        one.replace(native(source, options), "<$&>"),
      );
    }),
    { numRuns: process.env["WEIR_LONG"] ? 1_000 : 250 },
  );
});

it("replaces the same in texts of several blocks", () => {
  const simple = fc.constantFrom("a+", "\\bb", "a.*?c", "(?:ab|b)c?", "$", "[^a]\\s", "(?<=c)a", "a(?=bc)", "(a|b)+1");
  fc.assert(
    fc.property(simple, flags, fc.array(text, { maxLength: 5 }), fc.nat(1_000), (source, options, texts, times) => {
      const long = texts.join("").repeat(times);
      expect(new LinearRegex(source, options).replace(long, (match) => `<${match.group(0)}>`)).toBe(
        long.replace(native(source, options), "<$&>"),
      );
    }),
    { numRuns: process.env["WEIR_LONG"] ? 100 : 25 },
  );
});

describe("takes linear time for what stops a backtracking engine", () => {
  it.each([
    ["(a+)+$", "a"],
    ["(?:a|a)*b", "a"],
    ["(a|aa)+c", "a"],
    ["(.*)(.*)(.*)(.*)(.*)x", "y"],
    ["\\s+$", " "],
    ["(?=(a+)+c)a", "a"],
    [`${"a?".repeat(50)}${"a".repeat(50)}$`, "a"],
  ])("%s", (source, unit) => {
    const regex = new LinearRegex(source);
    expect(regex.exec(`${unit.repeat(100_000)}!`)).toBe(undefined);
  });
});

it.each([
  ["[[:alpha:]]+", "12ab3", "ab"],
  ["[a-z&&[^b]]+", "bbacb", "ac"],
  ["(?i)straße", "STRAßE", "STRAßE"],
  ["(?i:a)b", "AB Ab", "Ab"],
  ["(?>a|ab)c", "abc", "abc"],
  ["a++b", "aab", "aab"],
  ["\\p{Lu}+", "aÄÖb", "ÄÖ"],
  ["\\Aa\\z", "a", "a"],
  ["a\\Z", "a\n", "a"],
  ["\\h+", "xaf9", "af9"],
  ["😀+", "a😀", "😀"],
  ["[]a]+", "b]a", "]a"],
  ["x{,2}y", "xxxy", "xxy"],
  ["a{b", "a{b", "a{b"],
  ["(?<one>a)(?P<two>b)", "ab", "ab"],
  ["(?#a comment)a", "a", "a"],
])("reads %s", (source, text, wanted) => {
  expect(new LinearRegex(source).exec(text)?.group(0)).toBe(wanted);
});

it.each([
  ["a)", "this `)` closes no group"],
  ["(a", "this `(` has no `)`"],
  ["[a", "this `[` has no `]`"],
  ["*a", "there is nothing to repeat"],
  ["a{3,2}", '"{3,2}" has its numbers in the wrong order'],
  ["a{2000}", '"{2000}" has a number above 1000'],
  ["(a)\\1", '"\\1" refers back to a group'],
  ["(?<a>a)\\k<a>", '"\\k" refers back to a group'],
  ["(?<=ab)c", "a lookbehind can look at one character only"],
  ["(?<a>a)(?<a>b)", 'two groups are named "a"'],
  ["\\y", '"\\y" is no escape that weir knows'],
  ["a\\", "the pattern ends with a `\\`"],
  ["[b-a]", 'the range "b-a" runs backwards'],
  ["[[:vowel:]]", '"[:vowel:]" is no class of characters'],
  ["\\p{Nope}", '"Nope" is no property of characters'],
  ["(?x)a", "the flag x is not supported"],
  ["(?&a)", '"(?&" begins no group'],
  ["((a{1000}){1000}){1000}", "the pattern is too large"],
  ["(".repeat(300) + ")".repeat(300), "groups are nested more than 200 deep"],
])("refuses %s", (source, message) => {
  expect(() => new LinearRegex(source)).toThrow(RegexError);
  expect(() => new LinearRegex(source)).toThrow(message);
});

it("compiles what is repeated without content at once", () => {
  expect(new LinearRegex("(?:(?:(?:(?:){1000}){1000}){1000}){1000}a").test("a")).toBe(true);
});

it("does not change what a group is if it is empty or takes no part", () => {
  const found = new LinearRegex("(a)?(b*)(c)?").exec("c");
  expect([1, 2, 3].map((index) => found?.group(index))).toEqual([undefined, "", "c"]);
});
