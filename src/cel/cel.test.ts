import { describe, expect, it } from "vitest";
import { ExactNumber } from "../exact-number.ts";
import type { Data, Json } from "../json.ts";
import { CelError, compileCel } from "./index.ts";

const data: Data = {
  took: "2.5",
  n: 2,
  user: { name: "ann", roles: ["admin", "dev"] },
  tags: ["a", "b"],
  bytes: 2000,
  event: { kind: "event" },
};

it.each<[text: string, value: Json]>([
  ["double(took) > 1.5", true],
  ["user.name + '-' + string(size(tags))", "ann-2"],
  ["n + 1", 3],
  ["1 + n", 3],
  ["n * 2 == 4.0", true],
  ["n / 4", 0.5],
  ["7 / 2", 3],
  ["has(user.email) ? user.email : 'none'", "none"],
  ["'admin' in user.roles", true],
  ["tags.map(t, t + '!')", ["a!", "b!"]],
  ["tags.filter(t, t != 'a').size()", 1],
  ["{'a': 1, 'b': [2, 3]}", { a: 1, b: [2, 3] }],
  ["timestamp('2026-01-02T03:04:05Z') + duration('1h')", "2026-01-02T04:04:05.000Z"],
  ["duration('90s')", "90s"],
  ["b'abc'", "YWJj"],
  ["user.name.matches('^a+n')", true],
  ["matches(user.name, '^b')", false],
  ["user.name.matches('matches') || 'matches'.matches('mat')", true],
  ["9007199254740993", new ExactNumber("9007199254740993") as unknown as Json],
  ["event.kind", "event"],
  ["null", null],
  ["bytes > 1000.0 && string(bytes) == '2000' && type(bytes) == double", true],
  ["type(1) == int && type('x') != int", true],
])("%s", (text, value) => {
  expect(compileCel(text)(data)).toEqual(value);
});

describe("has no value, and says why, for", () => {
  it.each([
    ["user.email", "No such key: email"],
    ["nope", "Unknown variable: nope"],
    ["took * 2", "no such overload"],
    ["1 / 0", "division by zero"],
    ["1.0 / 0.0", "the value is Infinity"],
    ["user.name.matches('(')", '"(" is not a regular expression'],
    ["user.__proto__.x", "No such key"],
    ["user.constructor", "No such key"],
    ["type(1)", "the value is no text"],
  ])("%s", (text, message) => {
    const evaluate = compileCel(text);
    expect(() => evaluate(data)).toThrow(CelError);
    expect(() => evaluate(data)).toThrow(message);
  });
});

it.each([
  ["1 +", undefined],
  ["a b", undefined],
  ["tags.all(a, tags.all(b, a == b))", "within another macro could take too long"],
  ["(".repeat(200) + ")".repeat(200), undefined],
])("refuses %s", (text, message) => {
  expect(() => compileCel(text)).toThrow(CelError);
  if (message) expect(() => compileCel(text)).toThrow(message);
});

it("matches patterns in linear time", () => {
  expect(compileCel("text.matches('(a+)+$')")({ text: `${"a".repeat(100_000)}!` })).toBe(false);
});

it("changes nothing of the event", () => {
  const frozen = Object.freeze({ items: Object.freeze([3, 1, 2]) });
  expect(compileCel("items.map(x, x)")(frozen)).toEqual([3, 1, 2]);
});
