import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { LinearRegex } from "./linear-regex.ts";
import { LiteralIndex } from "./literal-index.ts";
import { RegexList } from "./regex-list.ts";
import { requiredClauses } from "./required.ts";
import { parseRegex } from "./syntax.ts";

const clauses = (source: string, ignoreCase = false) => requiredClauses(parseRegex(source, { ignoreCase }).node);

const literal = fc.constantFrom("a", "b", "ab", "A", "bc", "É", "x/", "é");
const pattern = fc.letrec<{ part: string }>((tie) => ({
  part: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    literal,
    fc.constantFrom("\\d", "[ab]", "[^a]", ".", "^", "$", "\\b", "(?=a)", "(?!b)"),
    fc.tuple(tie("part"), tie("part")).map(([first, second]) => first + second),
    fc.tuple(tie("part"), tie("part")).map(([first, second]) => `(?:${first}|${second})`),
    fc
      .tuple(tie("part"), fc.constantFrom("?", "*", "+", "{0,2}", "{2}", "{2,9}"))
      .map(([part, times]) => `(${part})${times}`),
  ),
})).part;
const text = fc
  .array(fc.constantFrom("a", "b", "c", "A", "B", "x", "/", "1", "é", "É", "K"), { maxLength: 12 })
  .map((all) => all.join(""));

describe("what each match must contain", () => {
  it("is one text of every clause", () => {
    expect(clauses("Mozilla.{1,100}Mobile.*(AspiegelBot|PetalBot)")).toEqual([
      ["mozilla"],
      ["mobile"],
      ["petalbot", "aspiegelbot"],
    ]);
    expect(clauses("; {0,2}SC-\\d")).toEqual([[";sc-", "; sc-", ";  sc-"]]);
    expect(clauses("(?:(?:iPhone|Android).*Bot|AdsBot.*iPhone)")).toEqual([
      ["iphone", "adsbot", "android"],
      ["bot", "iphone"],
    ]);
    expect(clauses("(?:Chrome|)x*")).toEqual([]);
    expect(clauses("k", true)).toEqual([["k"]]);
  });

  it("is in every text that matches", () => {
    fc.assert(
      fc.property(pattern, fc.boolean(), text, (source, ignoreCase, text) => {
        fc.pre(new RegExp(source, ignoreCase ? "i" : "").test(text));
        const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
        for (const clause of clauses(source, ignoreCase)) expect(clause.some((one) => lower.includes(one))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});

describe("LiteralIndex", () => {
  it("finds what a search for one text after the other finds", () => {
    const texts = fc.uniqueArray(
      text.filter((one) => one !== "").map((one) => one.replace(/[A-Z]/g, (letter) => letter.toLowerCase())),
      { maxLength: 8 },
    );
    fc.assert(
      fc.property(texts, text, (texts, text) => {
        const found = new Set<number>();
        new LiteralIndex(texts).scan(text, (index) => found.add(index));
        const lower = text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
        expect([...found].sort()).toEqual([...texts.keys()].filter((index) => lower.includes(texts[index]!)).sort());
      }),
    );
  });
});

describe("RegexList", () => {
  it("finds the matches of a plain loop over all expressions", () => {
    const listed = fc.array(fc.record({ source: pattern, ignoreCase: fc.boolean() }), { maxLength: 6 });
    fc.assert(
      fc.property(listed, fc.array(text, { maxLength: 3 }), (expressions, texts) => {
        const list = new RegexList(expressions);
        for (const text of texts) {
          const found = list.candidates(text).flatMap((index) => {
            const match = list.exec(index, text);
            return match ? [[index, match.group(0)]] : [];
          });
          const expected = expressions.flatMap(({ source, ignoreCase }, index) => {
            const match = new LinearRegex(source, { ignoreCase }).exec(text);
            expect(match !== undefined).toBe(new RegExp(source, ignoreCase ? "i" : "").test(text));
            return match ? [[index, match.group(0)]] : [];
          });
          expect(found).toEqual(expected);
        }
      }),
    );
  });
});
