import { describe, expect, it } from "vitest";
import { compileEql } from "./compile.ts";
import { EqlError, EqlSyntaxError } from "./error.ts";

const errorOf = (text: string): EqlError => {
  try {
    compileEql(text);
  } catch (error) {
    if (error instanceof EqlError) return error;
    throw error;
  }
  throw new Error(`${JSON.stringify(text)} is a query.`);
};

describe("what is not EQL", () => {
  it.each<[string, number, string, string]>([
    ['any where a = "x"', 12, 'found "="', 'Write "==" to compare'],
    ["any where a == 'x'", 15, `"'" is not expected here.`, "Put strings in double quotes"],
    ['any where a == ?"x"', 15, '"?" is not expected here.', 'between """ and """'],
    ['any where a == "x', 15, "The string is not closed.", 'another "'],
    ['any where a == "x\ny"', 15, "The string is not closed.", "ends on its line"],
    ['any where a == """x', 15, "The string is not closed.", 'another """'],
    ['any where a == "C:\\Windows"', 18, '"\\W" is not an escape.', 'between """ and """'],
    ['any where a == "\\u{d800}"', 16, "is not a character.", "Unicode"],
    ['any where a !: "x"', 12, '"!" is not expected here.', "Write not field"],
    ["any where a && b", 12, '"&" is not expected here.', 'Write "and".'],
    ["any where a == 1 AND b", 17, 'found "AND"', "in lower case"],
    [
      "any where a == 1 b",
      17,
      'Expected "and", "or" or the end, found "b".',
      'Join two conditions with "and" or "or".',
    ],
    ["any where a and", 15, "Expected a value, found the end of the query.", "Write a condition"],
    ["any where and a", 10, 'Expected a value, found "and".', "Write a condition before it."],
    ["any where sequence == 1", 10, 'Expected a value, found "sequence".', "`sequence`"],
    ["any where (a", 12, 'Expected ")", found the end of the query.', 'closes the "(" at character 11.'],
    ["any where a < b < c", 16, 'found "<"', "cannot be chained"],
    ["any where a[0] == 1", 11, 'found "["', "has no index"],
    ["any where a : 1", 14, 'Expected a text in double quotes after ":"', 'Compare numbers with "=="'],
    ["any where a in 1", 15, 'Expected "(" after "in"', "in parentheses"],
    ['any where a not like "x"', 12, 'found "not"', "before the whole condition"],
    ["any where child of [any where true]", 16, 'found "of"', "write a sequence"],
    ["any where a == 99999999999999999999", 15, "is too large.", "9223372036854775807"],
    ["any where `a", 10, '"`" is not expected here.', "another `"],
    ["any where /* a", 10, "The comment is not closed.", "*/"],
    ["process", 7, 'Expected "where", found the end of the query.', '"where true"'],
    ["my-category where true", 2, 'Expected "where", found "-".', "double quotes"],
    ["join by a [any where true]", 0, 'Expected an event, found "join".', "sequence"],
    ["any where true | count", 17, 'found "count"', "not part of Elasticsearch's EQL"],
    ["any where true | head x", 22, "Expected a whole number for head", "from 0 to"],
    ["sequence with maxspan=5 [any where a] [any where b]", 24, 'Expected a unit after "5"', "ms, s, m, h or d"],
    ["sequence with maxspan=0s [any where a] [any where b]", 22, "maxspan is zero.", "longer time"],
    ["sequence with maxspan=1s by a [any where a] [any where b]", 25, 'found "by"', 'Write "by" before "with"'],
    ["sequence [any where a]", 0, "at least two events", "Add an event"],
    ["sequence ![any where a] ![any where b]", 0, "not missing", "exclamation mark"],
    ["sequence [any where a] ![any where b]", 0, "needs a maxspan", "with maxspan=1m"],
    ["sequence [any where a] by x [any where b]", 28, 'has 0 fields after "by"', "for every event"],
    ["sequence [any where a] by x [any where b] by x until [any where c]", 53, "has 0 fields", "for every event"],
    ["sequence [any where a] fork [any where b]", 23, 'found "fork"', "not part of"],
    ["sequence [any where a] with runs=101", 33, "Expected a whole number for runs", "from 1 to 100"],
    ["sample where true", 7, 'found "where"', '"sample" where …'],
    ["sequence [any where a] with runs=2 by x", 35, 'found "by"', 'Write "by" before "with"'],
    ["sample [any where a] [any where b]", 0, "whose values the events share", "sample by"],
    ["sample by a [any where a] [any where b] | head 1", 40, 'found "|"', "has no pipes"],
    ["sample by a [any where a] with maxspan=1s", 26, 'found "with"', "has no order"],
  ])("%j", (text, offset, summary, hint) => {
    const error = errorOf(text);
    expect(error).toBeInstanceOf(EqlSyntaxError);
    expect(error.summary).toContain(summary);
    expect(error.hint).toContain(hint);
    expect(error.offset).toBe(offset);
    expect(error.message).toBe(`${error.summary} ${error.hint}`);
  });
});

describe("what Elasticsearch refuses, too", () => {
  it.each<[string, number, string, string]>([
    ['any where startWith(a, "b")', 10, 'There is no function "startWith".', 'Did you mean "startsWith"?'],
    ['any where wildcard(a, "b*")', 10, 'There is no function "wildcard".', "like"],
    ['any where match(a, "b")', 10, 'There is no function "match".', "regex"],
    ['any where arrayContains(a, "b")', 10, 'There is no function "arrayContains".', "one of the field's values"],
    ["any where length() == 1", 10, '"length" takes 1 values, and 0 are given.', "as many"],
    ["any where length~(a) == 1", 10, "has no form without regard to letter case", 'without the "~"'],
    ["any where length(5) == 1", 17, '"length" takes a text here, and "5" is a number.', "string(…)"],
    ["any where substring(a, 1.5) == 1", 23, "takes a whole number here", "without a fraction"],
    ['any where cidrMatch(a, "10.0.0.0/99")', 23, "takes a network", "10.0.0.0/8"],
    ["any where cidrMatch(a, b)", 23, "the same for every event", "10.0.0.0/8"],
    ["any where a == b", 10, '"a == b" compares fields with each other', "Compare each with a value."],
    ["any where a in (b)", 16, '"b" is not a fixed value.', "no fields"],
    ['any where a in (1, null, "b")', 25, '"b" is a text, and other values of the list are not.', "of one type"],
    ["any where 1", 10, '"1" is a number, not a condition.', 'for example with "=="'],
    ['any where "a" and b', 10, '"a" is a text, not a condition.', "Compare it"],
    ["any where length(a)", 10, '"length(a)" is a number, not a condition.', "Compare it"],
    ["any where user.name", 10, '"user.name" is a text, not a condition.', "user.name != null"],
    ['any where length(a) == "1"', 10, "compares a number with a text", "of one type"],
    ['any where length(a) : "1"', 10, '":" compares texts, and "length(a)" is a number.', "string(…)"],
    ['any where "a" + 1 == 2', 10, '"a" is a text, with which EQL cannot calculate.', "number(…)"],
    ['any where source.ip == "nobody"', 23, '"nobody" does not fit the field', "10.0.0.1"],
    ['any where a regex "(b"', 10, "cannot be used", "\\("],
    ['any where a regex "~b"', 10, "an operator that weir does not support", "\\~"],
  ])("%j", (text, offset, summary, hint) => {
    const error = errorOf(text);
    expect(error).not.toBeInstanceOf(EqlSyntaxError);
    expect(error.summary).toContain(summary);
    expect(error.hint).toContain(hint);
    expect(error.offset).toBe(offset);
  });

  it("a field of full text", () => {
    expect(() => compileEql('any where a == "x"', { fields: { a: "text" } })).toThrow('The field "a" is full text');
  });
});
