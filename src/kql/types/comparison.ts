import type { Scalar } from "../../fields/path.ts";
import type { KqlOperator } from "../node.ts";
import type { Clock } from "./clock.ts";

/** Tests one value of a field. */
export type ValueTest = (value: Scalar) => boolean;

/**
 * How the values of one field type compare. Each throws `Unfit` if the type does not support the test. Only dates need the
 * clock.
 */
export interface Comparison {
  /** Whether the type can index the value. */
  readonly exists: ValueTest;
  equal(text: string, quoted: boolean, clock?: Clock): ValueTest;
  /** `parts` are the texts between the stars. */
  pattern(parts: readonly string[]): ValueTest;
  /** Whether one of many patterns fits, in one pass over the value. Types without it try each. */
  patterns?(several: readonly (readonly string[])[]): ValueTest;
  range(operator: KqlOperator, text: string, clock?: Clock): ValueTest;
}

/** Thrown for a literal that does not fit the type of its field: the reason, and the way out. */
export class Unfit extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Turns a comparison result (below, at or above zero) into that of `<`, `<=`, `>` or `>=`. */
export const ordered = (operator: KqlOperator): ((order: number) => boolean) => {
  if (operator === "<") return (order) => order < 0;
  if (operator === "<=") return (order) => order <= 0;
  return operator === ">" ? (order) => order > 0 : (order) => order >= 0;
};
