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
  "log.level": "warn",
  "user.geo": { city: "Bonn" },
  id: new ExactNumber("9007199254740993"),
  kinds: [{ constructor: 1 }],
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
  ["log.level + user.geo.city", "warnBonn"],
  ["has(log.logger) || has(source.ip)", false],
  ["n > 1 ? 'many' : 1", "many"],
  ["n > 1 ? (n > 5) ? 'a' : 2 : null", 2],
  ["size(tags) == 2.0 && 2 == n && n != 3", true],
  ["id + 1", new ExactNumber("9007199254740994") as unknown as Json],
  ["int(1767322445.9) == int(timestamp('2026-01-02T02:54:05Z'))", true],
  ["string(timestamp('2026-01-02T03:04:05.5Z')) + string(duration('-1.5s'))", "2026-01-02T03:04:05.5Z-1.5s"],
  ["timestamp('2026-07-01T00:00:00Z').getDayOfYear()", 181],
  ["timestamp('2026-07-01T00:00:00Z').getHours('Europe/Berlin')", 2],
  ["timestamp('2026-07-01T00:00:00Z').getHours('-03:30')", 20],
  ["'a-b-c'.replace('-', '+', 1).replace('c', 'd') + 'xyz'.charAt(1)", "a+b-dy"],
  ["'a,b,c'.split(',', 2)", ["a", "b,c"]],
  ["'ÄbC'.lowerAscii() + 'äb'.upperAscii()", "ÄbcäB"],
  ["cel.bind(x, tags.filter(t, t != 'a'), x.exists(t, t == 'b'))", true],
  ["user.?name.orValue('nobody')", "ann"],
  ["kinds.map(k, k.constructor)", [1]],
  ["tags.map(string, string + '.')", ["a.", "b."]],
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
    ["int('')", '"" is no int'],
    ["int(1e99)", "1e+99 is too large for int"],
    ["-(-9223372036854775807 - 1)", "is too large"],
    ["double('0x10')", '"0x10" is no double'],
    ["timestamp('2026-02-30T00:00:00Z')", "is no time such as"],
    ["duration('1')", "is no duration such as"],
    ["duration('300000h') + duration('3000000h')", "longer than 292 years"],
    ["timestamp('2026-01-02T03:04:05Z').getHours('Nowhere')", '"Nowhere" is no time zone'],
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
  ["cel.bind(a, tags + tags, cel.bind(b, a + a, b + b))", "could take too much memory"],
  ["{'constructor': 1}", '"constructor" cannot be a key'],
  ["lower(user.name)", "there is no function 'lower(dyn)'"],
  ["int(1, 2)", "there is no function 'int(int, int)'"],
  ["1 + 'a'", "no such overload: int + string"],
  ["(".repeat(200) + ")".repeat(200), undefined],
])("refuses %s", (text, message) => {
  expect(() => compileCel(text)).toThrow(CelError);
  if (message) expect(() => compileCel(text)).toThrow(message);
});

it("matches patterns in linear time", () => {
  expect(compileCel("text.matches('(a+)+$')")({ text: `${"a".repeat(100_000)}!` })).toBe(false);
});

describe("takes bounded time for", () => {
  it.each<[text: string, event: Data, message: string]>([
    ["duration(text)", { text: "1".repeat(1_000_000) }, "is no duration"],
    ["timestamp(text)", { text: "2".repeat(1_000_000) }, "is no time"],
    ["int(text)", { text: "1".repeat(1_000_000) }, "is no int"],
    ["double(text)", { text: `${"1".repeat(1_000_000)}x` }, "is no double"],
    ["text.contains(part)", { text: "a".repeat(500_000), part: `a${"a".repeat(250_000)}b` }, "takes too long to find"],
    ["text.split(part)", { text: "a".repeat(500_000), part: `a${"a".repeat(250_000)}b` }, "takes too long to find"],
    ["list.map(i, text)", { list: Array(100_000).fill(1), text: "a".repeat(500_000) }, '"map" takes too long'],
    ["list.exists(i, i in others)", { list: Array(50_000).fill(1), others: Array(50_000).fill(2) }, "takes too long"],
    [
      "cel.bind(x, text, list.map(i, x))",
      { list: Array(100_000).fill(1), text: "a".repeat(500_000) },
      "takes too long",
    ],
    ["list.all(i, text.matches(i))", { list: Array(100_000).fill("b"), text: "a".repeat(500_000) }, "takes too long"],
  ])("%s", (text, event, message) => {
    expect(() => compileCel(text)(event)).toThrow(message);
  });

  it("types of values, which the library keeps for ever", () => {
    let value: unknown = "x";
    for (let level = 0; level < 300; level++) value = level % 3 === 0 ? [value] : { a: value };
    expect(() => compileCel("double(value)")({ value })).toThrow(/^there is no function 'double\([^(]{1,80}\)'$/);
  });

  it("patterns of events, in a message as well", () => {
    const event = { text: "a", pattern: `(${"b".repeat(100_000)}` };
    expect(() => compileCel("text.matches(pattern)")(event)).toThrow(
      /^"\(b{78}…" is not a regular expression: .{1,100}$/,
    );
  });

  it("ordinary lists and texts", () => {
    const event = { list: Array.from({ length: 10_000 }, (_, index) => `${index}`), user: { name: "9999" } };
    expect(compileCel("list.exists(i, i == user.name)")(event)).toBe(true);
  });
});

it("changes nothing of the event", () => {
  const frozen = Object.freeze({ items: Object.freeze([3, 1, 2]) });
  expect(compileCel("items.map(x, x)")(frozen)).toEqual([3, 1, 2]);
});
