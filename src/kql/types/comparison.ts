import type { Scalar } from "../../fields/path.ts";
import type { KqlOperator } from "../node.ts";

/** Asks one value of a field. */
export type ValueTest = (value: Scalar) => boolean;

/** How the values of one field type compare. Each test throws `Unfit` if the type has no such question. */
export interface Comparison {
  /** The value is one that the type can index. */
  readonly exists: ValueTest;
  equal(text: string, quoted: boolean): ValueTest;
  /** `parts` are the texts between the stars. */
  pattern(parts: readonly string[]): ValueTest;
  range(operator: KqlOperator, text: string): ValueTest;
}

/** A literal that makes no sense for the type of its field: what the type wants, and the way out. */
export class Unfit extends Error {
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** Turns "below, at or above zero" into the answer to `<`, `<=`, `>` or `>=`. */
export const ordered = (operator: KqlOperator): ((order: number) => boolean) => {
  if (operator === "<") return (order) => order < 0;
  if (operator === "<=") return (order) => order <= 0;
  return operator === ">" ? (order) => order > 0 : (order) => order >= 0;
};
