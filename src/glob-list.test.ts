import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePatterns } from "./eql/patterns.ts";
import { compileWildcard, listedWildcard } from "./eql/wildcard.ts";
import { compileGlob } from "./glob.ts";
import { compileGlobs, listedGlob, manyGlobs } from "./glob-list.ts";
import { GuardIndex } from "./guard/guard-index.ts";
import { guardOfKql } from "./kql/guard.ts";
import { compileKql, type KqlNode } from "./kql/index.ts";

const unit = fc.constantFrom("a", "b", "A", "ab", "*", "*", "?", "é", "😀", "\\");
const pattern = fc.array(unit, { minLength: 1, maxLength: 8 }).map((units) => units.join(""));
const text = fc.string({ unit: fc.constantFrom("a", "b", "A", "é", "😀", "\\", "?"), maxLength: 14 });
const many = fc.array(pattern, { minLength: manyGlobs, maxLength: 60 });

describe("many patterns", () => {
  it("fit the texts that each of them fits", () => {
    fc.assert(
      fc.property(many, fc.array(text, { maxLength: 4 }), (patterns, texts) => {
        const stars = patterns.map((each) => each.replaceAll("?", "b").split("*"));
        const [fits, wild] = [compileGlobs(stars.map(listedGlob)), compileGlobs(patterns.map(listedWildcard))];
        const [plain, plainWild] = [stars.map(compileGlob), patterns.map(compileWildcard)];
        for (const each of texts) {
          expect(fits(each)).toBe(plain.some((one) => one(each)));
          expect(wild(each)).toBe(plainWild.some((one) => one(each)));
        }
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["aba", ["*ab*ba*", "*aba*aba*"], false],
    ["abba", ["*ab*ba*"], true],
    ["aXa", ["a*a*a", "aX*Xa"], false],
    ["xaya", ["x*a*a", "q*"], true],
    ["😀a.exe", ["?a*.e?e", "??*z*"], true],
    ["c:\\Users\\x\\y.exe", ["?:\\Users\\*\\*.exe"], true],
  ])("of which texts overlap: %s of %j is %s", (value, patterns, expected) => {
    const others = Array.from({ length: manyGlobs }, (_, n) => `*none${n}*`);
    expect(compilePatterns("like", [...others, ...patterns])(value)).toBe(expected);
  });

  it("without regard to case are those that are equal but for case", () => {
    const patterns = Array.from({ length: 100 }, (_, n) => `*Word${n}É*`);
    const fits = compilePatterns(":", patterns);
    expect(fits("a wORD42é")).toBe(true);
    expect(fits("a wORD142É")).toBe(false);
    expect(compilePatterns("like", patterns)("a word42É")).toBe(false);
  });

  it("may be so many that a table of them would be too large", () => {
    const words = Array.from(
      { length: 12_000 },
      (_, n) => `${String.fromCharCode(0x4e00 + (n % 3_000))}word-${n}-of-many`,
    );
    const fits = compileGlobs(words.map((word) => listedGlob(["", word, "end"])));
    expect(fits(`in ${words[11_999]} to the end`)).toBe(true);
    expect(fits(`in ${words[11_999]!.slice(0, -1)} to the end`)).toBe(false);
    expect(fits(`in ${words[3]} to the en`)).toBe(false);
  });
});

it("many patterns in KQL have the verdicts of each alone, and are never excluded by their guard", () => {
  const literal = fc.array(fc.constantFrom("", "a", "b", "ab", "A", "é"), { minLength: 2, maxLength: 4 });
  const fields = fc.constantFrom("a.b", "process.command_line", "process.name.caseless", "message");
  const value = fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.nat());
  fc.assert(
    fc.property(fields, fc.array(literal, { minLength: manyGlobs, maxLength: 40 }), value, (name, list, own) => {
      const field = { type: "unquoted", value: name } as const;
      const nodes = list.map((parts) => ({ type: "is", field, value: { type: "wildcard", parts } }) as const);
      const path = name.replace(".caseless", "");
      const all: KqlNode = { type: "or", nodes };
      const matches = compileKql(all)({ [path]: own });
      expect(matches).toBe(nodes.some((node) => compileKql(node)({ [path]: own })));
      if (matches) expect([...new GuardIndex([guardOfKql(all)]).holding({ [path]: own })]).toEqual([0]);
    }),
  );
});
