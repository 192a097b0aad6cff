import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KqlSyntaxError } from "./error.ts";
import { parseKql } from "./parse.ts";

const errorOf = (kql: string): KqlSyntaxError => {
  try {
    parseKql(kql);
  } catch (error) {
    if (error instanceof KqlSyntaxError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(kql)} was parsed.`);
};

describe("what is not KQL", () => {
  it.each<[string, number, string, string]>([
    ["p: not x", 3, 'Found "not" where a value for "p" is wanted.', "Write not p:value, or p:(not value)."],
    ["not not p:x", 4, 'Found "not" where a condition is wanted.', 'Write "not" once; two cancel each other out.'],
    ["p:(not not x)", 7, 'Found "not" where a value for "p" is wanted.', "Write not p:value, or p:(not value)."],
    ["not(p:x)", 3, 'Found "(" where "and", "or" or the end is wanted.', 'Put a space after "not".'],
    ["log: cannot connect", 8, 'Found "not" where', 'Quote the value: "not " begins a negation'],
    ["p:x and ", 8, "Found the end of the query where a condition is wanted.", "at the end"],
    ['p:"x" and', 9, "Found the end of the query where a condition is wanted.", "at the end"],
    ['(p:"x" or)', 9, 'Found ")" where a condition is wanted.', 'before the ")"'],
    ["(p:x)and q:y", 5, 'Found "and" where "and", "or" or the end is wanted.', 'Put a space before "and" and "or".'],
    ['p:"x"or q:y', 5, 'Found "or" where', 'Put a space before "and" and "or".'],
    ["p:x q:y", 5, 'Found ":" where "and", "or" or the end is wanted.', 'Join two conditions with "and" or "or"'],
    ["p:fe80::1", 6, 'Found ":" where', "for a colon in a value write \\: or quote it."],
    ["p::1", 2, 'Found ":" where a value for "p" is wanted.', "Write \\:, or quote the value."],
    ["p:", 2, 'Found the end of the query where a value for "p" is wanted.', "p:* to ask whether the field exists."],
    [":x", 0, 'Found ":" where a condition is wanted.', "Write the name of a field before it."],
    ["p:()", 3, 'Found ")" where a value for "p" is wanted.', "p:* to ask"],
    ["()", 1, 'Found ")" where a condition is wanted.', 'before the ")"'],
    ["p:{}", 3, 'Found "}" where a condition is wanted.', 'before the "}"'],
    ["p:(x or y", 9, 'Found the end of the query where ")" is wanted.', 'closes the "(" at character 3.'],
    ["p:{q:x", 6, 'Found the end of the query where "}" is wanted.', 'closes the "{" at character 3.'],
    ["(p:x", 4, 'Found the end of the query where ")" is wanted.', 'closes the "(" at character 1.'],
    ["p:x)", 3, 'Found ")" where', "Remove it, or write \\)"],
    ["(p:x or q:y})", 11, 'Found "}" where "and", "or" or ")" is wanted.', "Write \\}"],
    ["p > (1 or 2)", 4, 'Found "(" where a value to compare "p" with is wanted.', "one value, without parentheses"],
    ["p <", 3, "Found the end of the query where a value to compare", "Write a value"],
    ["p:x\\q", 3, 'Found "\\q" where', "A backslash escapes one of"],
    ["p:x\\u12", 3, 'Found "\\u" where', "A backslash escapes one of"],
    ["p:\\", 2, 'Found "\\" where a value', "write \\\\"],
    ['p:"x', 2, 'Found """ where a value', 'Close the quote with another "'],
    ['p:"x\\"', 2, 'Found """ where a value', 'Close the quote with another "'],
    ['p:x"y"', 3, 'Found """ where', "Quote the whole value"],
    ['"x" y', 4, 'Found "y" where "and", "or" or the end is wanted.', 'Join two conditions with "and" or "or".'],
    ["p:{q:x} r:y", 8, 'Found "r" where', 'Join two conditions with "and" or "or".'],
  ])("%j", (kql, offset, summary, hint) => {
    const error = errorOf(kql);
    expect(error.offset).toBe(offset);
    expect(error.summary).toContain(summary);
    expect(error.hint).toContain(hint);
    expect(error.message).toBe(`${error.summary} ${error.hint}`);
  });

  it("is told in UTF-16 units", () => {
    expect(errorOf('"😀" x').offset).toBe(5);
  });

  it.each(["(", "p:{", "not (", "p:{("])("10,000 times %j is an error and no overflow", (piece) => {
    expect(errorOf(`q:${"(not ".repeat(10_000)}`).summary).toContain("500 levels of parentheses");
    expect(errorOf(piece.repeat(10_000)).summary).toContain("500 levels of parentheses");
  });

  it("is only ever a KqlSyntaxError", () => {
    const pieces = [
      "p",
      ":",
      "(",
      ")",
      "{",
      "}",
      '"',
      "\\",
      "*",
      " ",
      " and ",
      " or ",
      "not ",
      "<",
      ">=",
      "\\u0041",
      "x",
    ];
    const kql = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.array(fc.constantFrom(...pieces), { maxLength: 30 }).map((parts) => parts.join("")),
    );
    fc.assert(
      fc.property(kql, (query) => {
        try {
          parseKql(query);
        } catch (error) {
          expect(error).toBeInstanceOf(KqlSyntaxError);
          const { offset } = error as KqlSyntaxError;
          expect(offset >= 0 && offset <= query.length).toBe(true);
        }
      }),
      { numRuns: 3000 },
    );
  });

  it("takes time in proportion to the text", () => {
    const long = 200_000;
    expect(errorOf(`p:x${" ".repeat(long)}q:y`).offset).toBe(long + 4);
    expect(errorOf(`p:${"or ".repeat(long)}`)).toBeInstanceOf(KqlSyntaxError);
    expect(errorOf(`p:"${"\\".repeat(2 * long)}`).offset).toBe(2);
  });
});
