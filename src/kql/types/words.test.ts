import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileKql } from "../index.ts";
import { hasSeparator, unicodeWords, wordsOf } from "./words.ts";

const ascii = fc.oneof(
  fc.string({ unit: "binary-ascii", maxLength: 40 }),
  fc.string({ unit: fc.constantFrom(..."aB1_:.,;' -/\r\n\""), maxLength: 40 }),
);

describe("words", () => {
  it("are those of Unicode's rules", () => {
    fc.assert(
      fc.property(ascii, (text) => {
        expect(wordsOf(text)).toEqual(unicodeWords(text));
        if (hasSeparator(text)) expect(wordsOf(text)).not.toEqual([text.toLowerCase()]);
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ["system:masters", ["system:masters"]],
    ["system:serviceaccounts:flux-system", ["system:serviceaccounts:flux", "system"]],
    ["docker.elastic.co/beats/elastic-agent:8.2.3", ["docker.elastic.co", "beats", "elastic", "agent", "8.2.3"]],
    ["Can't reach 1,000.5 hosts", ["can't", "reach", "1,000.5", "hosts"]],
    ["Größe Ωmega", ["größe", "ωmega"]],
    ["a".repeat(300), ["a".repeat(255), "a".repeat(45)]],
  ])("of %s are %j", (text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });
});

describe("a full text", () => {
  const word = fc.constantFrom("a", "b", "c", "d1");
  const text = fc.array(word, { maxLength: 8 });

  it("matches one word, or all in sequence", () => {
    fc.assert(
      fc.property(fc.array(text, { maxLength: 3 }), text, (values, query) => {
        fc.pre(query.length > 0);
        const document = { t: values.map((words) => words.join(" - ").toUpperCase()) };
        const options = { fields: { t: "text" } } as const;
        const any = values.some((words) => words.some((one) => query.includes(one)));
        const inSequence = values.some((words) => words.some((_, i) => query.every((one, j) => words[i + j] === one)));
        expect(compileKql(`t:${query.join(" ")}`, options)(document)).toBe(any);
        expect(compileKql(`t:"${query.join(", ")}"`, options)(document)).toBe(inSequence);
      }),
    );
  });

  it("of a megabyte is searched in linear time", () => {
    const options = { fields: { t: "text" } } as const;
    for (const long of ["a ".repeat(500_000), "a".repeat(1_000_000), "a.".repeat(500_000), "é ".repeat(500_000)])
      for (const query of ["t:b", `t:"${"a ".repeat(1_000)}b"`, "t:a*a*a*b"])
        expect(compileKql(query, options)({ t: long })).toBe(false);
  });

  it("has conditions that no word can meet", () => {
    const reasonOf = (query: string) => {
      const found: string[] = [];
      compileKql(query, { fields: { t: "text" }, onNever: ({ reason }) => found.push(reason) });
      return found[0];
    };
    expect(reasonOf("t:*/pause*")).toContain("single words");
    expect(reasonOf("t:docker.io/a*")).toContain("single words");
    expect(reasonOf('t:"--"')).toContain("no words");
    for (const query of ["t:a b/*", "t:a.b*", "t:a\\:b*", "t:ü-*", "t:*"]) {
      const expected = query === "t:ü-*" ? "single words" : undefined;
      if (expected) expect(reasonOf(query)).toContain(expected);
      else expect(reasonOf(query)).toBeUndefined();
    }
  });
});
