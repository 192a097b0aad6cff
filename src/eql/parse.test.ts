import { describe, expect, it } from "vitest";
import type { EqlExpression } from "./node.ts";
import { parseEql } from "./parse.ts";

/** An expression with an operator before its parts, in parentheses. */
const shape = (node: EqlExpression): string => {
  switch (node.type) {
    case "and":
    case "or":
      return `(${node.type} ${node.nodes.map(shape).join(" ")})`;
    case "not":
    case "negative":
      return `(${node.type} ${shape(node.node)})`;
    case "comparison":
    case "arithmetic":
      return `(${node.operator} ${shape(node.left)} ${shape(node.right)})`;
    case "in":
      return `(${node.negated ? "not-" : ""}in${node.insensitive ? "~" : ""} ${shape(node.node)} ${node.values.map(shape).join(" ")})`;
    case "match":
      return `(${node.operator} ${shape(node.node)} ${node.patterns.join(" ")})`;
    case "call":
      return `(${node.name}${node.insensitive ? "~" : ""} ${node.inputs.map(shape).join(" ")})`;
    case "field":
      return `${node.optional ? "?" : ""}${node.name}`;
    case "null":
      return "null";
    case "string":
      return JSON.stringify(node.value);
    default:
      return `${node.value}${typeof node.value === "bigint" ? "n" : ""}`;
  }
};

const conditionOf = (text: string): EqlExpression => {
  const query = parseEql(`any where ${text}`);
  if (query.type !== "event") throw new Error("a query of events");
  return query.filter.condition;
};

describe("a condition", () => {
  it.each([
    ["a or b and not c", "(or a (and b (not c)))"],
    ["(a or b) and c", "(and (or a b) c)"],
    ["a and (b and c)", "(and a (and b c))"],
    ["not not a == 1", "(not (not (== a 1n)))"],
    ["a + b * c - d == -1", "(== (- (+ a (* b c)) d) -1n)"],
    ["-a % 2 == +3.5", "(== (% (negative a) 2n) 3.5)"],
    ['a not in~ (1, "b")', '(not-in~ a 1n "b")'],
    ["a in (1) == true", "(== (in a 1n) true)"],
    ['a : "x*"', "(: a x*)"],
    ['a like~ ("x", "y") or b regex "z.*"', "(or (like~ a x y) (regex b z.*))"],
    ['a:"x"and b', "(and (: a x) b)"],
    ['endswith~(a, "b")', '(endsWith~ a "b")'],
    ["?a.b == ?`c d`.e", "(== ?a.b ?c d.e)"],
    ["`a``b` and process.args.sequence", "(and a`b process.args.sequence)"],
    ["a /* == 2 */ == 1 // and b", "(== a 1n)"],
    ["a == null and b == false", "(and (== a null) (== b false))"],
    ["@timestamp > 1e3", "(> @timestamp 1000)"],
    [
      "a == 9223372036854775807 or a == -9223372036854775808",
      "(or (== a 9223372036854775807n) (== a -9223372036854775808n))",
    ],
  ])("%s", (text, expected) => {
    expect(shape(conditionOf(text))).toBe(expected);
  });
});

describe("a string", () => {
  it.each([
    ['"a\\tb\\n\\r\\f\\b\\"\\\\"', 'a\tb\n\r\f\b"\\'],
    ['"\\u{200f}\\u{0001F600}\\u{41}"', "\u200f😀A"],
    ['"""C:\\Windows\\*"""', "C:\\Windows\\*"],
    ['""""""', ""],
    ['"""""x"""""', '""x""'],
  ])("%s", (text, value) => {
    expect(conditionOf(`a == ${text}`)).toMatchObject({ right: { value } });
  });
});

describe("a query", () => {
  it("of events has a category, a condition and pipes", () => {
    expect(parseEql('"my-category" where true | head 5 | tail 2')).toEqual({
      type: "event",
      filter: { category: "my-category", condition: { type: "boolean", value: true } },
      pipes: [
        { name: "head", count: 5 },
        { name: "tail", count: 2 },
      ],
    });
  });

  it("may be a sequence", () => {
    const text = `sequence by host.id, ?user.name with maxspan = 5m
      [process where true] by a with runs = 2
      ![any where false] by b
    until [file where true] by c`;
    expect(parseEql(text)).toMatchObject({
      type: "sequence",
      by: [{ name: "host.id" }, { name: "user.name", optional: true }],
      maxspan: 300_000,
      items: [
        { missing: false, runs: 2, by: [{ name: "a" }] },
        { missing: true, runs: 1, filter: { category: undefined } },
      ],
      until: { filter: { category: "file" }, by: [{ name: "c" }] },
    });
  });

  it("may be a sequence of one repeated event", () => {
    expect(parseEql("sequence by a with maxspan=30s [any where b] with runs=60")).toMatchObject({
      items: [{ runs: 60 }],
    });
  });

  it("may be a sample", () => {
    expect(parseEql("sample by a [any where true] by b [any where true] by c")).toMatchObject({ type: "sample" });
  });
});

it("the depth, the length and the number of parts have limits", () => {
  const nested = (count: number) => `any where ${"(".repeat(count)}a${")".repeat(count)}`;
  expect(parseEql(nested(100)).type).toBe("event");
  for (const text of [
    nested(101),
    nested(100_000),
    `any where ${"not ".repeat(100_000)}a`,
    `any where ${"-".repeat(100_000)}1 == 1`,
    `any where ${"length(".repeat(100_000)}`,
    `any where ${"a + ".repeat(300)}a == 1`,
    `any where ${"a or ".repeat(20_000)}a`,
    `any where a : (${'"x", '.repeat(20_000)}"x")`,
    `any where a == "${"x".repeat(1_100_000)}"`,
    `sequence ${"[any where true] with runs=100 ".repeat(3)}`,
  ])
    expect(() => parseEql(text)).toThrow(/more than|at most|characters/);
  expect(() => parseEql("any where a or b", { parts: 2 })).toThrow("more than 2 values and operators");
});
