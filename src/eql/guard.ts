import { type Mapping, pathOf } from "../fields/mapping.ts";
import type { Scalar } from "../fields/types.ts";
import { allOf, always, anyOf, type FieldCondition, type Guard, partsOf } from "../guard/guard.ts";
import { compileCondition } from "./condition.ts";
import { constantOf } from "./evaluate.ts";
import type { AccessOf } from "./fields.ts";
import { fold } from "./fold.ts";
import { type EqlExpression, type EqlFilter, fieldsIn, partsOf as partsOfNode } from "./node.ts";
import { textOf } from "./value.ts";

/** What must hold for an event so that one of some filters can be true for it, or refuse it. */
export const guardOfFilters = (filters: readonly EqlFilter[], access: AccessOf, category: string): Guard =>
  anyOf(filters.map((filter) => guardOfFilter(filter, access, category)));

const guardOfFilter = ({ category, condition }: EqlFilter, access: AccessOf, categoryField: string): Guard => {
  const guard = guardOf(condition, access);
  if (category === undefined) return guard;
  const field = { type: "field", name: categoryField, optional: true } as const;
  const isWanted: EqlExpression = {
    type: "comparison",
    operator: "==",
    left: field,
    right: { type: "string", value: category },
  };
  return allOf([guardOfValue(isWanted, access), guard]);
};

const guardOf = (node: EqlExpression, access: AccessOf): Guard => {
  if (node.type === "and") return allOf(askedBeforeRefusal(node.nodes).map((child) => guardOf(child, access)));
  if (node.type === "or") return anyOf(node.nodes.map((child) => guardOf(child, access)));
  return guardOfValue(node, access);
};

/** Those of the conditions of an `and` that are true, or refuse the event, whenever it is true or does: it asks them in order. */
const askedBeforeRefusal = (nodes: readonly EqlExpression[]): readonly EqlExpression[] => {
  const first = nodes.findIndex(canRefuse);
  return first === -1 ? nodes : nodes.slice(0, first + 1);
};

/** Whether a condition refuses events in which fields that it compares have too many values. */
const canRefuse = (node: EqlExpression): boolean =>
  node.type === "and" || node.type === "or" || node.type === "not"
    ? partsOfNode(node).some(canRefuse)
    : fieldsIn(node).length > 1;

/** The guard of a condition on the values of a single field. */
const guardOfValue = (node: EqlExpression, access: AccessOf): Guard => {
  const [field, ...others] = fieldsIn(node);
  const mapping = field && access(field)?.mapping;
  if (mapping === undefined || others.length > 0) return always;
  const holds = compileCondition(node, access);
  if (holds({})) return always;
  const name = pathOf(field!.name, mapping);
  const test = (value: Scalar) => holds({ [name]: value });
  return [[{ path: name, test, ...(wholeTexts.has(mapping.type) && textsOf(node)) }]];
};

/** Types of which two texts are equal only if they are the same. */
const wholeTexts: ReadonlySet<Mapping["type"]> = new Set(["by_value", "keyword", "constant_keyword", "wildcard"]);

type OfTexts = Pick<FieldCondition, "texts" | "parts">;

const textsOf = (node: EqlExpression): OfTexts | undefined => {
  if (node.type === "comparison" && node.operator === "==") {
    const value = constantOf(node.left.type === "field" ? node.right : node.left);
    const isDirect = node.left.type === "field" || node.right.type === "field";
    return isDirect && typeof value === "string" ? { texts: { values: [value], areFolded: false } } : undefined;
  }
  if (node.type === "in" && !node.negated && node.node.type === "field") {
    const texts = node.values.map(constantOf).flatMap((value) => (value === null ? [] : textOf(value!)));
    return { texts: { values: node.insensitive ? texts.map(fold) : texts, areFolded: node.insensitive } };
  }
  if (node.type === "call") return partsOfCall(node);
  return node.type === "match" && node.node.type === "field" ? textsOfMatch(node) : undefined;
};

/** Functions that are true only if the first text contains the second. */
const containing: ReadonlySet<string> = new Set(["startsWith", "endsWith", "stringContains"]);

const partsOfCall = ({ name, inputs }: Extract<EqlExpression, { readonly type: "call" }>): OfTexts | undefined => {
  const [source, other] = inputs;
  if (!containing.has(name) || source?.type !== "field" || other === undefined) return undefined;
  const part = constantOf(other);
  return typeof part === "string" ? { parts: partsOf(part) } : undefined;
};

const WILDCARD = /[*?]/;

const textsOfMatch = ({
  operator,
  patterns,
}: Extract<EqlExpression, { readonly type: "match" }>): OfTexts | undefined => {
  if (operator === "regex" || operator === "regex~") return undefined;
  if (!patterns.some((pattern) => WILDCARD.test(pattern))) {
    const areFolded = operator !== "like";
    return { texts: { values: areFolded ? patterns.map(fold) : patterns, areFolded } };
  }
  const parts = patterns.map((pattern) => partsOf(longestPart(pattern)));
  return parts.includes(undefined) ? undefined : { parts: [...new Set(parts.flatMap((part) => part!))] };
};

const longestPart = (pattern: string): string =>
  pattern.split(WILDCARD).reduce((longest, part) => (part.length > longest.length ? part : longest), "");
