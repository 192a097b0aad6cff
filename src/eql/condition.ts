import { networkOf } from "../fields/ip.ts";
import type { Data } from "../json.ts";
import { Unfit, type ValueTest } from "../kql/types/comparison.ts";
import { comparisonOf } from "../kql/types/index.ts";
import * as predicates from "../predicates.ts";
import { compileValue, constantOf } from "./evaluate.ts";
import { type AccessOf, errorAt, type FieldAccess } from "./fields.ts";
import type { EqlExpression, EqlField } from "./node.ts";
import { rowsOf } from "./rows.ts";
import { checkCondition, typeOf } from "./types.ts";
import { textOf, type Value } from "./value.ts";

/** Whether a condition is true for an event. It keeps nothing between calls. */
export type EqlCondition = (data: Data) => boolean;

type Comparison = Extract<EqlExpression, { readonly type: "comparison" }>;

/**
 * Compiles a condition with Elasticsearch's verdicts: `and`, `or` and `not` see each condition within as true or not, a
 * condition is true if it is for one of the values of each of its fields, and a field without a value is null within it.
 */
export const compileCondition = (node: EqlExpression, access: AccessOf): EqlCondition => {
  checkCondition(node, access);
  return compile(node, access);
};

const compile = (node: EqlExpression, access: AccessOf): EqlCondition => {
  switch (node.type) {
    case "and":
      return every(node.nodes.map((child) => compile(child, access)));
    case "or":
      return some(node.nodes.map((child) => compile(child, access)));
    case "not":
      return not(compile(node.node, access));
    case "in":
      if (node.negated) return not(compile({ ...node, negated: false }, access));
      return addressList(node.node, node.values, access) ?? leaf(node, access);
    case "match":
      return compileMatch(node, access);
    case "comparison":
      return compileComparison(node, access);
    default:
      return leaf(node, access);
  }
};

const never: EqlCondition = () => false;

/** Conditions that refuse some events: what is asked before them, and so whether they are asked, must not vary. */
const refusing = new WeakSet<EqlCondition>();

const refusingIf = (isRefusing: boolean, condition: EqlCondition): EqlCondition => {
  if (isRefusing) refusing.add(condition);
  return condition;
};

const not = (inner: EqlCondition): EqlCondition => refusingIf(refusing.has(inner), (data) => !inner(data));

const every = (conditions: readonly EqlCondition[]): EqlCondition =>
  conditions.some((condition) => refusing.has(condition))
    ? refusingIf(true, (data) => conditions.every((condition) => condition(data)))
    : predicates.every(conditions);

const some = (conditions: readonly EqlCondition[]): EqlCondition =>
  conditions.some((condition) => refusing.has(condition))
    ? refusingIf(true, (data) => conditions.some((condition) => condition(data)))
    : predicates.some(conditions);

/** A field of IP addresses is one of several values if it is equal to one: a network equals all its addresses. */
const addressList = (
  node: EqlExpression,
  values: readonly EqlExpression[],
  access: AccessOf,
): EqlCondition | undefined => {
  if (node.type !== "field" || access(node)?.mapping.type !== "ip") return undefined;
  const wanted = values.filter((value) => value.type !== "null");
  return some(
    wanted.map((right) => compileComparison({ type: "comparison", operator: "==", left: node, right }, access)),
  );
};

/** The pattern of an IP address may be an address or a network. */
const compileMatch = (node: Extract<EqlExpression, { readonly type: "match" }>, access: AccessOf): EqlCondition => {
  const networks = node.patterns.filter((pattern) => networkOf(pattern) !== undefined);
  const list = addressList(
    node.node,
    networks.map((value): EqlExpression => ({ type: "string", value })),
    access,
  );
  if (!list || networks.length === 0) return leaf(node, access);
  const patterns = node.patterns.filter((pattern) => !networks.includes(pattern));
  return patterns.length === 0 ? list : some([list, leaf({ ...node, patterns }, access)]);
};

const isTrue = (value: Value) => value === true;

/** True if the expression is, for one of the values of each of its fields. */
const leaf = (node: EqlExpression, access: AccessOf): EqlCondition => rows(node, access, isTrue);

const rows = (node: EqlExpression, access: AccessOf, test: (value: Value) => boolean): EqlCondition => {
  const evaluation = compileValue(node, access);
  return refusingIf(evaluation.fields.length > 1, rowsOf(node, evaluation, test));
};

const compileComparison = (node: Comparison, access: AccessOf): EqlCondition => {
  const { operator, left, right } = node;
  const [one, other] = [constantOf(left), constantOf(right)];
  if (one !== undefined && other === undefined) return compileComparison(turned(node), access);
  const isEquality = operator === "==" || operator === "!=";
  if (isEquality && other === null) return nullTest(left, operator === "==", access);
  if (isEquality && left.type === "field" && right.type === "field") return bothOptional(node, left, right, access);
  if (operator === "!=" && left.type === "field") return not(compileComparison({ ...node, operator: "==" }, access));
  if (isEquality && typeof other === "boolean" && left.type === "call" && typeofCall(left, access)) {
    const condition = compile(left, access);
    return other === (operator === "==") ? condition : not(condition);
  }
  if (left.type === "field" && other !== undefined && other !== null) return fieldTest(node, left, other, access);
  return leaf(node, access);
};

/** Whether a function gives true or false. */
const typeofCall = (node: EqlExpression, access: AccessOf): boolean => typeOf(node, access) === "boolean";

const turnedOperators = { "==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<=" } as const;

/** The same comparison with its sides turned. */
const turned = ({ operator, left, right }: Comparison): Comparison => ({
  type: "comparison",
  operator: turnedOperators[operator],
  left: right,
  right: left,
});

/** Whether an expression is null, or has a value. */
const nullTest = (node: EqlExpression, isNull: boolean, access: AccessOf): EqlCondition => {
  if (node.type !== "field") {
    const hasNull = rows(node, access, (value) => value === null);
    return isNull ? hasNull : not(hasNull);
  }
  const found = access(node);
  const exists = found ? existence(found) : never;
  return isNull ? not(exists) : exists;
};

const existence = ({ field, read }: FieldAccess): EqlCondition => {
  const test: ValueTest = (scalar) => read(scalar) !== undefined;
  return (data) => field.some(data, test);
};

/** Two fields that need not exist are equal if both have no value. */
const bothOptional = (node: Comparison, left: EqlField, right: EqlField, access: AccessOf): EqlCondition => {
  const areMissing = every([nullTest(left, true, access), nullTest(right, true, access)]);
  const areEqual = some([areMissing, leaf({ ...node, operator: "==" }, access)]);
  return node.operator === "==" ? areEqual : not(areEqual);
};

/** Compares the values of a field with a fixed one, as the type of the field has it. */
const fieldTest = (
  node: Comparison,
  field: EqlField,
  constant: Exclude<Value, null>,
  access: AccessOf,
): EqlCondition => {
  const found = access(field);
  if (!found) return never;
  const test = valueTest(node, found, textOf(constant));
  return (data) => found.field.some(data, test);
};

const valueTest = (node: Comparison, { mapping }: FieldAccess, text: string): ValueTest => {
  const { operator } = node;
  const comparison = comparisonOf(mapping);
  try {
    return operator === "==" || operator === "!=" ? comparison.equal(text, true) : comparison.range(operator, text);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    throw errorAt(node.right, (value) => `${value} does not fit the field: ${error.message}.`, error.hint);
  }
};
