import fc from "fast-check";
import { expect, it } from "vitest";
import { GuardIndex } from "../guard/guard-index.ts";
import { compileEql } from "./compile.ts";
import { EqlError } from "./error.ts";
import type { EqlExpression } from "./node.ts";

type Scalar = string | number | boolean;
type Document = Readonly<Record<string, null | Scalar | readonly (null | Scalar)[]>>;

const valuesIn = (data: Document, name: string): readonly Scalar[] =>
  [data[name] ?? []].flat().filter((value): value is Scalar => value !== null);

const texts = ["", "a", "A", "ab", "aB*", "b?", "5", "true"];
const scalar = fc.oneof(fc.constantFrom(...texts), fc.constantFrom(0, 1, 5, -2, 2.5), fc.boolean());
const document: fc.Arbitrary<Document> = fc.dictionary(
  fc.constantFrom("f", "g"),
  fc.oneof(scalar, fc.constant(null), fc.array(fc.option(scalar), { maxLength: 3 })),
);

const field = fc.record({
  type: fc.constant("field" as const),
  name: fc.constantFrom("f", "g", "h"),
  optional: fc.boolean(),
});

const constant: fc.Arbitrary<EqlExpression> = fc.oneof(
  fc.constantFrom(...texts).map((value) => ({ type: "string" as const, value })),
  fc.constantFrom(0n, 1n, 5n, -2n, 2.5).map((value) => ({ type: "number" as const, value })),
);

const test: fc.Arbitrary<EqlExpression> = fc.oneof(
  fc.record({
    type: fc.constant("comparison" as const),
    operator: fc.constantFrom("==" as const, "!=" as const, "<" as const, "<=" as const, ">" as const, ">=" as const),
    left: field,
    right: constant,
  }),
  fc.record({
    type: fc.constant("comparison" as const),
    operator: fc.constantFrom("==" as const, "!=" as const),
    left: field,
    right: fc.constant({ type: "null" as const }),
  }),
  fc.record({
    type: fc.constant("in" as const),
    negated: fc.boolean(),
    insensitive: fc.boolean(),
    node: field,
    values: fc.array(
      fc.constantFrom(...texts).map((value) => ({ type: "string" as const, value })),
      { minLength: 1, maxLength: 3 },
    ),
  }),
  fc.record({
    type: fc.constant("match" as const),
    operator: fc.constantFrom(":" as const, "like" as const, "like~" as const),
    node: field,
    patterns: fc.array(fc.constantFrom("a*", "?", "*b*", "A", "5", ""), { minLength: 1, maxLength: 2 }),
  }),
  fc.record({
    type: fc.constant("call" as const),
    name: fc.constantFrom("startsWith", "endsWith", "stringContains"),
    insensitive: fc.boolean(),
    inputs: fc.tuple(
      field,
      fc.constantFrom(...texts).map((value) => ({ type: "string" as const, value })),
    ),
  }),
);

const conditionOf = (tests: fc.Arbitrary<EqlExpression>): fc.Arbitrary<EqlExpression> =>
  fc.letrec<{ node: EqlExpression }>((tie) => ({
    node: fc.oneof(
      { maxDepth: 4 },
      tests,
      fc.record({ type: fc.constant("not" as const), node: tie("node") }),
      fc.record({
        type: fc.constantFrom("and" as const, "or" as const),
        nodes: fc.array(tie("node"), { minLength: 2, maxLength: 3 }),
      }),
    ),
  })).node;

const holds = {
  "==": (order: number) => order === 0,
  "<": (order: number) => order < 0,
  "<=": (order: number) => order <= 0,
  ">": (order: number) => order > 0,
  ">=": (order: number) => order >= 0,
};

/** Compares a value with a fixed one: numbers by value, all others as texts; in order only values of one type. */
const compares = (operator: keyof typeof holds, value: Scalar, wanted: string | number | bigint): boolean => {
  if (typeof value === "number" && !Number.isNaN(Number(wanted)) && wanted !== "")
    return holds[operator](value - Number(wanted));
  if (operator === "==") return String(value) === String(wanted);
  if (typeof value !== "string") return false;
  return holds[operator](value < String(wanted) ? -1 : value > String(wanted) ? 1 : 0);
};

const regExp = (pattern: string, flags: string) =>
  new RegExp(`^${pattern.replaceAll("*", "[^]*").replaceAll("?", "[^]")}$`, flags);

/** The slow and plain way: every condition is asked of every value. */
const judge = (node: EqlExpression, data: Document): boolean => {
  if (node.type === "and") return node.nodes.every((child) => judge(child, data));
  if (node.type === "or") return node.nodes.some((child) => judge(child, data));
  if (node.type === "not") return !judge(node.node, data);
  if (node.type === "comparison" && node.left.type === "field") {
    const values = valuesIn(data, node.left.name);
    const { operator, right } = node;
    if (operator === "!=") return !judge({ ...node, operator: "==" }, data);
    if (right.type === "null") return values.length === 0;
    if (right.type !== "string" && right.type !== "number") throw new Error(right.type);
    return values.some((value) => compares(operator, value, right.value));
  }
  if (node.type === "in" && node.node.type === "field") {
    const same = (text: string) => (node.insensitive ? text.toLowerCase() : text);
    const wanted = node.values.map((value) => same(value.type === "string" ? value.value : ""));
    return valuesIn(data, node.node.name).some((value) => wanted.includes(same(String(value)))) !== node.negated;
  }
  if (node.type === "match" && node.node.type === "field") {
    const tests = node.patterns.map((pattern) => regExp(pattern, node.operator === "like" ? "" : "i"));
    return valuesIn(data, node.node.name).some((value) => tests.some((one) => one.test(String(value))));
  }
  if (node.type === "call" && node.inputs[0]?.type === "field" && node.inputs[1]?.type === "string") {
    const same = (text: string) => (node.insensitive ? text.toLowerCase() : text);
    const part = same(node.inputs[1].value);
    const contains = { startsWith: "startsWith", endsWith: "endsWith", stringContains: "includes" } as const;
    const operation = contains[node.name as keyof typeof contains];
    return valuesIn(data, node.inputs[0].name).some(
      (value) => same(String(value))[operation](part) && (operation !== "includes" || part !== ""),
    );
  }
  throw new Error(node.type);
};

it("a condition has the verdict that the plain way gives, and its guard excludes only events that it does not match", () => {
  const verdicts = { true: 0, false: 0 };
  let excluded = 0;
  fc.assert(
    fc.property(conditionOf(test), document, (node, data) => {
      const query = compileEql({ type: "event", filter: { category: undefined, condition: node }, pipes: [] });
      if (query.type !== "event") throw new Error("a query of events");
      const verdict = judge(node, data);
      expect(query.matches(data)).toBe(verdict);
      const isExcluded = new GuardIndex([query.guard]).holding(data).length === 0;
      expect(verdict && isExcluded).toBe(false);
      if (isExcluded) excluded++;
      verdicts[`${verdict}`]++;
    }),
    { numRuns: process.env["WEIR_LONG"] ? 100_000 : 2_000 },
  );
  expect(Math.min(verdicts.true, verdicts.false, excluded)).toBeGreaterThan(500);
});

const manyTexts = Array.from({ length: 101 }, (_, number) => `text ${number}`);
const longDocument: fc.Arbitrary<Document> = fc.dictionary(
  fc.constantFrom("f", "g"),
  fc.oneof(fc.constantFrom(...texts), fc.constant(manyTexts)),
);

/** Of two fields: it refuses an event in which these have too many values. */
const ofTwoFields: fc.Arbitrary<EqlExpression> = fc.constantFrom("==" as const, "!=" as const).map((operator) => ({
  type: "comparison",
  operator,
  left: { type: "field", name: "f", optional: true },
  right: { type: "field", name: "g", optional: true },
}));

it("a guard excludes no event that its condition refuses", () => {
  let [excluded, refused] = [0, 0];
  fc.assert(
    fc.property(conditionOf(fc.oneof(test, ofTwoFields)), longDocument, (node, data) => {
      const query = compileEql({ type: "event", filter: { category: undefined, condition: node }, pipes: [] });
      if (query.type !== "event") throw new Error("a query of events");
      const isExcluded = new GuardIndex([query.guard]).holding(data).length === 0;
      if (isExcluded) excluded++;
      try {
        expect(query.matches(data) && isExcluded).toBe(false);
      } catch (error) {
        if (!(error instanceof EqlError)) throw error;
        refused++;
        expect(isExcluded).toBe(false);
      }
    }),
    { numRuns: process.env["WEIR_LONG"] ? 100_000 : 2_000 },
  );
  expect(Math.min(excluded, refused)).toBeGreaterThan(50);
});
