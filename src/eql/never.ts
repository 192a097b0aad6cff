import { Unfit } from "../kql/types/comparison.ts";
import { comparisonOf } from "../kql/types/index.ts";
import { whyNever } from "../kql/types/never.ts";
import { type EqlOptions, eqlAccess } from "./compile.ts";
import { constantOf } from "./evaluate.ts";
import type { AccessOf } from "./fields.ts";
import { type EqlExpression, type EqlField, type EqlQuery, partsOf } from "./node.ts";
import { parseEql } from "./parse.ts";
import { offsetOf } from "./places.ts";
import { textOf } from "./value.ts";

/** A condition that is true for no value of its field. */
export interface EqlNever {
  readonly field: string;
  readonly reason: string;
  readonly hint: string;
  /** Where it is in the query's text, in UTF-16 units. */
  readonly offset: number | undefined;
}

/** The conditions of a query that works, and that no value of the field's type can meet, as far as that is certain. */
export const neversIn = (query: string, options: EqlOptions = {}): readonly EqlNever[] => {
  const access = eqlAccess(options);
  return conditionsOf(parseEql(query, options.limits)).flatMap((condition) => within(condition, access));
};

const conditionsOf = (tree: EqlQuery): readonly EqlExpression[] => {
  if (tree.type === "event") return [tree.filter.condition];
  const until = tree.type === "sequence" && tree.until ? [tree.until] : [];
  return [...tree.items, ...until].map(({ filter }) => filter.condition);
};

const within = (node: EqlExpression, access: AccessOf): readonly EqlNever[] => [
  ...compared(node).flatMap(({ field, value }) => neverFor(field, value, access)),
  ...partsOf(node).flatMap((part) => within(part, access)),
];

interface Compared {
  readonly field: EqlField;
  readonly value: EqlExpression;
}

/** The fields that a test compares for equality, each with a fixed value. */
const compared = (node: EqlExpression): readonly Compared[] => {
  if (node.type === "in")
    return node.node.type === "field" ? node.values.map((value) => ({ field: node.node as EqlField, value })) : [];
  if (node.type === "match") {
    const { node: field, operator, patterns } = node;
    if (field.type !== "field" || operator === "regex" || operator === "regex~") return [];
    return patterns
      .filter((pattern) => !/[*?]/.test(pattern))
      .map((value) => ({ field, value: { type: "string", value } }));
  }
  if (node.type !== "comparison" || (node.operator !== "==" && node.operator !== "!=")) return [];
  const { left, right } = node;
  if (left.type === "field") return [{ field: left, value: right }];
  return right.type === "field" ? [{ field: right, value: left }] : [];
};

const neverFor = (field: EqlField, value: EqlExpression, access: AccessOf): readonly EqlNever[] => {
  const constant = constantOf(value);
  const mapping = access(field)?.mapping;
  if (constant === undefined || constant === null || !mapping) return [];
  const found = (reason: string, hint: string): readonly EqlNever[] => [
    { field: field.name, reason, hint, offset: offsetOf(value) ?? offsetOf(field) },
  ];
  try {
    const why = whyNever(comparisonOf(mapping).equal(textOf(constant), true));
    return why ? found(why.reason, why.hint) : [];
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return found(error.message, error.hint);
  }
};
