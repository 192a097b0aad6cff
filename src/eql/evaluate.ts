import { type AccessOf, errorAt, type FieldAccess } from "./fields.ts";
import { fold } from "./fold.ts";
import { calculate, functionOf } from "./functions.ts";
import { PatternError } from "./lucene-regex.ts";
import { type EqlComparisonOperator, type EqlExpression, fieldsIn } from "./node.ts";
import { compilePatterns } from "./patterns.ts";
import { functionNamed } from "./signatures.ts";
import { areEqual, compareValues, textOf, type Value } from "./value.ts";

/** Computes an expression from one value of each of its fields, in the order of the text. */
export type Evaluate = (row: readonly Value[]) => Value;

/** How to compute an expression, and the fields that it needs. */
export interface Evaluation {
  readonly evaluate: Evaluate;
  /** `undefined` for a field that has no values. */
  readonly fields: readonly (FieldAccess | undefined)[];
}

/** Compiles an expression whose types are checked. */
export const compileValue = (node: EqlExpression, access: AccessOf): Evaluation => {
  const fields: (FieldAccess | undefined)[] = [];
  const evaluate = compile(node, (field) => fields.push(access(field)) - 1);
  return { evaluate, fields };
};

/** Registers a field, and tells its place in the row. */
type Place = (field: Extract<EqlExpression, { readonly type: "field" }>) => number;

const none: readonly Value[] = [];

/** The value of an expression without fields; `undefined` if it has some. */
export const constantOf = (node: EqlExpression): Value | undefined =>
  fieldsIn(node).length === 0 ? compile(node, () => 0)(none) : undefined;

const compile = (node: EqlExpression, place: Place): Evaluate => {
  switch (node.type) {
    case "null":
      return () => null;
    case "boolean":
    case "number":
    case "string":
      return () => node.value;
    case "field": {
      const index = place(node);
      return (row) => row[index]!;
    }
    case "and":
      return all(node.nodes.map((child) => compile(child, place)));
    case "or":
      return any(node.nodes.map((child) => compile(child, place)));
    case "not":
      return not(compile(node.node, place));
    case "comparison":
      return comparison(node.operator, compile(node.left, place), compile(node.right, place));
    case "in":
      return oneOf(node, compile(node.node, place));
    case "match":
      return matching(node, compile(node.node, place));
    case "arithmetic": {
      const [left, right] = [compile(node.left, place), compile(node.right, place)];
      return (row) => calculate(node.operator, left(row), right(row));
    }
    case "negative": {
      const inner = compile(node.node, place);
      return (row) => {
        const value = inner(row);
        return typeof value === "number" ? -value : calculate("-", 0n, value);
      };
    }
    case "call":
      return call(node, place);
  }
};

/** False if one is false; else null if one is null. */
const all =
  (parts: readonly Evaluate[]): Evaluate =>
  (row) => {
    let result: Value = true;
    for (const part of parts) {
      const value = part(row);
      if (value === false) return false;
      if (value !== true) result = null;
    }
    return result;
  };

/** True if one is true; else null if one is null. */
const any =
  (parts: readonly Evaluate[]): Evaluate =>
  (row) => {
    let result: Value = false;
    for (const part of parts) {
      const value = part(row);
      if (value === true) return true;
      if (value !== false) result = null;
    }
    return result;
  };

const not =
  (part: Evaluate): Evaluate =>
  (row) => {
    const value = part(row);
    return typeof value === "boolean" ? !value : null;
  };

const holds: Readonly<Record<EqlComparisonOperator, (order: number) => boolean>> = {
  "==": (order) => order === 0,
  "!=": (order) => order !== 0,
  "<": (order) => order < 0,
  "<=": (order) => order <= 0,
  ">": (order) => order > 0,
  ">=": (order) => order >= 0,
};

const comparison = (operator: EqlComparisonOperator, left: Evaluate, right: Evaluate): Evaluate => {
  const isEquality = operator === "==" || operator === "!=";
  const test = holds[operator];
  return (row) => {
    const [a, b] = [left(row), right(row)];
    if (a === null || b === null) return null;
    if (isEquality) return areEqual(a, b) === (operator === "==");
    const order = compareValues(a, b);
    return order === undefined ? null : test(order);
  };
};

const oneOf = (node: Extract<EqlExpression, { readonly type: "in" }>, inner: Evaluate): Evaluate => {
  const same = node.insensitive ? fold : (text: string) => text;
  const texts = new Set<string>();
  for (const value of node.values) {
    const constant = constantOf(value);
    if (constant !== undefined && constant !== null) texts.add(same(textOf(constant)));
  }
  return (row) => {
    const value = inner(row);
    return value === null ? null : texts.has(same(textOf(value))) !== node.negated;
  };
};

const matching = (node: Extract<EqlExpression, { readonly type: "match" }>, inner: Evaluate): Evaluate => {
  const matches = patternsOf(node);
  return (row) => {
    const value = inner(row);
    return value === null ? null : matches(textOf(value));
  };
};

const patternsOf = (node: Extract<EqlExpression, { readonly type: "match" }>) => {
  try {
    return compilePatterns(node.operator, node.patterns);
  } catch (error) {
    if (!(error instanceof PatternError)) throw error;
    throw errorAt(node, (text) => `The pattern of ${text} cannot be used: ${error.message}.`, error.hint);
  }
};

const call = (node: Extract<EqlExpression, { readonly type: "call" }>, place: Place): Evaluate => {
  const inputs = node.inputs.map((input) => compile(input, place));
  const run = functionOf(functionNamed(node.name)!, node.insensitive, node.inputs.map(literalOf));
  return (row) => run(inputs.map((input) => input(row)));
};

/** A value as it is written in the query. */
const literalOf = (node: EqlExpression): Value | undefined => {
  if (node.type === "null") return null;
  return node.type === "string" || node.type === "number" || node.type === "boolean" ? node.value : undefined;
};
