import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatKql, type KqlLiteral, type KqlNode, parseKql } from "./index.ts";

const pieces = ["a", "or", "and", "NOT", "not", "n", "u0041", " ", "\t", "\n", "\u00a0", ...'\\():<>"*{}'];
const raw = fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 6 }).map((parts) => parts.join(""));
const trimmed = raw.map((text) => text.trim());
const literal: fc.Arbitrary<KqlLiteral> = fc.oneof(
  trimmed.map((value): KqlLiteral => ({ type: "unquoted", value })),
  raw.map((value): KqlLiteral => ({ type: "quoted", value })),
  fc.tuple(trimmed, raw, trimmed).map((parts): KqlLiteral => ({ type: "wildcard", parts })),
  fc.boolean().map((value): KqlLiteral => ({ type: "boolean", value })),
);
const none: fc.Arbitrary<KqlLiteral> = fc.constant({ type: "null" });
const operator = fc.constantFrom("<" as const, "<=" as const, ">" as const, ">=" as const);

const { node } = fc.letrec<{ node: KqlNode; nodes: KqlNode[] }>((tie) => ({
  nodes: fc.array(tie("node"), { minLength: 2, maxLength: 3 }),
  node: fc.oneof(
    { maxDepth: 4 },
    fc.record({ type: fc.constant("is" as const), field: fc.oneof(literal, none), value: fc.oneof(literal, none) }),
    fc.record({ type: fc.constant("range" as const), field: literal, operator, value: literal }),
    fc.record({ type: fc.constant("nested" as const), path: literal, node: tie("node") }),
    fc.record({ type: fc.constant("and" as const), nodes: tie("nodes") }),
    fc.record({ type: fc.constant("or" as const), nodes: tie("nodes") }),
    fc.record({ type: fc.constant("not" as const), node: tie("node") }),
  ),
}));

describe("a printed query", () => {
  it("parses to the same tree", () => {
    fc.assert(
      fc.property(node, (query) => {
        expect(parseKql(formatKql(query))).toEqual(query);
      }),
      { numRuns: 4000 },
    );
  });

  it("is readable where nothing needs an escape", () => {
    const kql = 'ship.name:V* and not (port:"old town" or depth >= 12) and crew:{name:ann}';
    expect(formatKql(parseKql(kql))).toBe(kql);
    expect(formatKql(parseKql("p:(1 or 2)"))).toBe("p:1 or p:2");
  });

  it("has quotes where a text cannot be written without", () => {
    const texts = [" a", "null", "true"];
    const printed = texts.map((value) =>
      formatKql({ type: "is", field: { type: "null" }, value: { type: "unquoted", value } }),
    );
    expect(printed).toEqual(['" a"', '"null"', '"true"']);
  });
});
