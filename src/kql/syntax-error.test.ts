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
    ["p: not x", 3, 'Expected a value for "p", found "not".', "Write not p:value, or p:(not value)."],
    ["not not p:x", 4, 'Expected a condition, found "not".', 'Write "not" once; two cancel each other out.'],
    ["p:(not not x)", 7, 'Expected a value for "p", found "not".', "Write not p:value, or p:(not value)."],
    ["not(p:x)", 3, 'Expected "and", "or" or the end, found "(".', 'Put a space after "not".'],
    ["log: cannot connect", 8, ', found "not".', 'Quote the value: "not " begins a negation'],
    ["p:x and ", 8, "Expected a condition, found the end of the query.", "at the end"],
    ['p:"x" and', 9, "Expected a condition, found the end of the query.", "at the end"],
    ['(p:"x" or)', 9, 'Expected a condition, found ")".', 'before the ")"'],
    ["(p:x)and q:y", 5, 'Expected "and", "or" or the end, found "and".', 'Put a space before "and" and "or".'],
    ['p:"x"or q:y', 5, ', found "or".', 'Put a space before "and" and "or".'],
    ["p:x q:y", 5, 'Expected "and", "or" or the end, found ":".', 'Join two conditions with "and" or "or"'],
    ["p:fe80::1", 6, ', found ":".', "for a colon in a value write \\: or quote it."],
    ["p::1", 2, 'Expected a value for "p", found ":".', "Write \\:, or quote the value."],
    ["p:", 2, 'Expected a value for "p", found the end of the query.', "p:* to ask whether the field exists."],
    [":x", 0, 'Expected a condition, found ":".', "Write the name of a field before it."],
    ["p:()", 3, 'Expected a value for "p", found ")".', "p:* to ask"],
    ["()", 1, 'Expected a condition, found ")".', 'before the ")"'],
    ["p:{}", 3, 'Expected a condition, found "}".', 'before the "}"'],
    ["p:(x or y", 9, 'Expected ")", found the end of the query.', 'closes the "(" at character 3.'],
    ["p:{q:x", 6, 'Expected "}", found the end of the query.', 'closes the "{" at character 3.'],
    ["(p:x", 4, 'Expected ")", found the end of the query.', 'closes the "(" at character 1.'],
    ["p:x)", 3, ', found ")".', "Remove it, or write \\)"],
    ["(p:x or q:y})", 11, 'Expected "and", "or" or ")", found "}".', "Write \\}"],
    ["p > (1 or 2)", 4, 'Expected a value to compare "p" with, found "(".', "one value, without parentheses"],
    ["p <", 3, 'Expected a value to compare "p" with, found the end of the query.', "Write a value"],
    ["p:x\\q", 3, ', found "\\q".', "A backslash escapes one of"],
    ["p:x\\u12", 3, ', found "\\u".', "A backslash escapes one of"],
    ["p:\\", 2, ', found "\\".', "write \\\\"],
    ['p:"x', 2, ', found """.', 'Close the quote with another "'],
    ['p:"x\\"', 2, ', found """.', 'Close the quote with another "'],
    ['p:x"y"', 3, ', found """.', "Quote the whole value"],
    ['"x" y', 4, 'Expected "and", "or" or the end, found "y".', 'Join two conditions with "and" or "or".'],
    ["p:{q:x} r:y", 8, ', found "r".', 'Join two conditions with "and" or "or".'],
  ])("%j", (kql, offset, summary, hint) => {
    const error = errorOf(kql);
    expect(error.offset).toBe(offset);
    expect(error.summary).toContain(summary);
    expect(error.hint).toContain(hint);
    expect(error.message).toBe(`${error.summary} ${error.hint}`);
  });

  it("counts offsets in UTF-16 code units", () => {
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
