import { describe, expect, it } from "vitest";
import type { KqlLiteral, KqlNode } from "./node.ts";
import { parseKql } from "./parse.ts";

const text = (value: string): KqlLiteral => ({ type: "unquoted", value });
const quoted = (value: string): KqlLiteral => ({ type: "quoted", value });
const wild = (...parts: string[]): KqlLiteral => ({ type: "wildcard", parts });
const nothing: KqlLiteral = { type: "null" };
const is = (field: string | KqlLiteral, value: string | KqlLiteral): KqlNode => ({
  type: "is",
  field: typeof field === "string" ? text(field) : field,
  value: typeof value === "string" ? text(value) : value,
});
const not = (node: KqlNode): KqlNode => ({ type: "not", node });
const and = (...nodes: KqlNode[]): KqlNode => ({ type: "and", nodes });
const or = (...nodes: KqlNode[]): KqlNode => ({ type: "or", nodes });
const everything = is(wild("", ""), wild("", ""));

describe("structure", () => {
  it.each<[string, KqlNode]>([
    ["", everything],
    [" \t\r\n\u00a0", everything],
    ["*:*", everything],
    ["*", is(nothing, wild("", ""))],
    ["ship", is(nothing, "ship")],
    ['"big ship"', is(nothing, quoted("big ship"))],
    [
      "ship or boat and sail or oar",
      or(is(nothing, "ship"), and(is(nothing, "boat"), is(nothing, "sail")), is(nothing, "oar")),
    ],
    ["(ship or boat) and sail", and(or(is(nothing, "ship"), is(nothing, "boat")), is(nothing, "sail"))],
    ["not p:1 and q:2", and(not(is("p", "1")), is("q", "2"))],
    ["not (p:1 or q:2)", not(or(is("p", "1"), is("q", "2")))],
    ["not (not p:1)", not(not(is("p", "1")))],
    ["p:1 or (q:2 or r:3)", or(is("p", "1"), or(is("q", "2"), is("r", "3")))],
    ["p:1 or q:2 or r:3", or(is("p", "1"), is("q", "2"), is("r", "3"))],
    ["(((p:1)))", is("p", "1")],
    ["p:(1 or 2 and not 3)", or(is("p", "1"), and(is("p", "2"), not(is("p", "3"))))],
    ["p:(not (1 or 2))", not(or(is("p", "1"), is("p", "2")))],
    ["p:(not 1)", not(is("p", "1"))],
    ["p:( ( 1 ) )", is("p", "1")],
    ["p:(1 2)", is("p", "1 2")],
    ["p:1 AND q:2 Or r:3", or(and(is("p", "1"), is("q", "2")), is("r", "3"))],
    ["NOT p:1", not(is("p", "1"))],
    ["nOt\u00a0p:1", not(is("p", "1"))],
    ["p:1\nand\tq:2", and(is("p", "1"), is("q", "2"))],
    [
      "crew:{ name:ann and rank < 3 }",
      {
        type: "nested",
        path: text("crew"),
        node: and(is("name", "ann"), { type: "range", field: text("rank"), operator: "<", value: text("3") }),
      },
    ],
    [
      "crew:{boat:{name:x}}",
      { type: "nested", path: text("crew"), node: { type: "nested", path: text("boat"), node: is("name", "x") } },
    ],
  ])("%j", (kql, node) => {
    expect(parseKql(kql)).toEqual(node);
  });

  it.each(["<", "<=", ">", ">="] as const)("a range: %s", (operator) => {
    const range = { type: "range", operator, field: text("depth"), value: text("-3.5") };
    expect(parseKql(`depth${operator}-3.5`)).toEqual(range);
    expect(parseKql(` depth ${operator} -3.5 `)).toEqual(range);
    expect(parseKql(`depth ${operator} "-3.5"`)).toEqual({ ...range, value: quoted("-3.5") });
  });
});

describe("literals", () => {
  it.each<[string, KqlNode]>([
    ["p:red ship", is("p", "red ship")],
    ["old port:x", is("old port", "x")],
    ["p-q :x", is("p-q", "x")],
    ['"p q":x', is(quoted("p q"), "x")],
    ["p: \t x \n", is("p", "x")],
    ["p:red and", is("p", "red and")],
    ["p:or", is("p", "or")],
    ["not", is(nothing, "not")],
    ["p: and then", is("p", "and then")],
    ["p:sandy", is("p", "sandy")],
    ["p:notice board", is("p", "notice board")],
    ["p:red\u00a0ship", is("p", "red\u00a0ship")],
    ["p:null", is("p", nothing)],
    ['p:"null"', is("p", quoted("null"))],
    ["p:Null", is("p", "Null")],
    ["p:true", is("p", { type: "boolean", value: true })],
    ["p: false ", is("p", { type: "boolean", value: false })],
    ["p:\\u0074rue", is("p", { type: "boolean", value: true })],
    ["p:TRUE", is("p", "TRUE")],
    ["p:true story", is("p", "true story")],
    ["p:007", is("p", "007")],
    ["null:x", is(nothing, "x")],
    ["p:*", is("p", wild("", ""))],
    ["p:**", is("p", wild("", "", ""))],
    ["p:* x", is("p", wild("", " x"))],
    ["p:re*d*", is("p", wild("re", "d", ""))],
    ["p* : x", is(wild("p", ""), "x")],
    ["p:\\*", is("p", "*")],
    ["p:\\**", is("p", wild("*", ""))],
    ["p:n*ll", is("p", wild("n", "ll"))],
    ["p:re?d", is("p", "re?d")],
    ["p:it's [a] +b|c&d=#$/@,.!^~", is("p", "it's [a] +b|c&d=#$/@,.!^~")],
    ["p:10.1.0.0/16", is("p", "10.1.0.0/16")],
    ["p:fd00\\:\\:7", is("p", "fd00::7")],
    ['p:\\\\ \\( \\) \\: \\< \\> \\" \\* \\{ \\}', is("p", '\\ ( ) : < > " * { }')],
    ["p:a\\tb\\rc\\nd", is("p", "a\tb\rc\nd")],
    ["p:\\u0041\\u00e9\\uD83d\\ude00", is("p", "Aé😀")],
    ["p:a \\or b", is("p", "a or b")],
    ["p:a \\AND b", is("p", "a AND b")],
    ["p:\\Not b", is("p", "Not b")],
    ["p:\\not b", is("p", "ot b")],
    ["p:x\\not b", is("p", "x\not b")],
    ["p:\\order", is("p", "order")],
    ["p:\\t", is("p", "")],
    ["p:x\\u0020", is("p", "x")],
    ['p:"a * b"', is("p", quoted("a * b"))],
    ['p:""', is("p", quoted(""))],
    ['p:" a "', is("p", quoted(" a "))],
    ['p:"a\nb"', is("p", quoted("a\nb"))],
    ['p:"a\\tb\\u0041\\\\\\"\\q\\(\\u12"', is("p", quoted('a\tbA\\"\\q\\(\\u12'))],
    ['p:"\\\\t"', is("p", quoted("\\t"))],
    ['p:"x" and q:1', and(is("p", quoted("x")), is("q", "1"))],
    ['p : "x"', is("p", quoted("x"))],
  ])("%j", (kql, node) => {
    expect(parseKql(kql)).toEqual(node);
  });
});
