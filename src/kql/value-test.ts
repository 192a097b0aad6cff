import type { Mapping } from "../fields/mapping.ts";
import { KqlError } from "./error.ts";
import { formatLiteral } from "./format.ts";
import { offsetOf, sourceOf } from "./literal.ts";
import { isStar, type KqlLiteral, type KqlNode, literalText } from "./node.ts";
import type { Clock } from "./types/clock.ts";
import { type Comparison, Unfit, type ValueTest } from "./types/comparison.ts";
import { comparisonOf } from "./types/index.ts";

/** A condition on one field. */
export type Tested = Extract<KqlNode, { readonly type: "is" | "range" }>;

/** Whether it asks only for a value. */
export const isExistence = ({ type, value }: Tested): boolean => type === "is" && isStar(value);

/** A literal as the query has it. */
export const written = (literal: KqlLiteral): string => sourceOf(literal) ?? formatLiteral(literal);

/** The test of a condition, for which a literal need not fit the type: then it does not match. */
export const testOrNever = (node: Tested, mapping: Mapping, clock: Clock): ValueTest => {
  try {
    return valueTest(node, comparisonOf(mapping), clock);
  } catch (error) {
    if (error instanceof Unfit) return () => false;
    throw error;
  }
};

/** The test of a condition. Throws a `KqlError` for a literal that does not fit the type of its field. */
export const testOf = (node: Tested, name: string, mapping: Mapping, clock: Clock): ValueTest => {
  try {
    return valueTest(node, comparisonOf(mapping), clock);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    throw new KqlError(
      `"${literalText(node.value)}" does not fit the field "${name}": ${error.message}.`,
      error.hint,
      offsetOf(node.value),
    );
  }
};

const valueTest = (node: Tested, comparison: Comparison, clock: Clock): ValueTest => {
  const { value } = node;
  if (node.type === "range") return comparison.range(node.operator, rangeLimit(value), clock);
  if (isStar(value)) return comparison.exists;
  if (value.type === "wildcard") return comparison.pattern(value.parts);
  return comparison.equal(literalText(value)!, value.type === "quoted", clock);
};

const rangeLimit = (value: KqlLiteral): string => {
  if (value.type === "wildcard")
    throw new Unfit("a range needs a value without a star", "Remove the star, or write \\* for the character itself.");
  return literalText(value)!;
};
