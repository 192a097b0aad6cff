import { numberValue } from "../../fields/values.ts";
import { type Comparison, ordered, Unfit, type ValueTest } from "./comparison.ts";
import { keyword } from "./keyword.ts";

const DATE_MATH = /^now(?:[+\-/]|$)|\|\|/;

/**
 * For fields without a type: strings and booleans compare as keywords, numbers by value. A pattern is tested against
 * the text of any value; a range compares numbers with numbers and strings with strings.
 */
export const byValue: Comparison = {
  exists: keyword.exists,
  equal(text) {
    const number = numberValue(text);
    const equals = keyword.equal(text, false);
    return (value) => (typeof value === "number" ? value === number : equals(value));
  },
  pattern: keyword.pattern,
  range(operator, text) {
    if (DATE_MATH.test(text)) throw new Unfit("date arithmetic is not supported yet", "Write a fixed time in quotes.");
    const strings = keyword.range(operator, text);
    const numbers = numberRange(numberValue(text), ordered(operator));
    return (value) => (typeof value === "number" ? numbers(value) : typeof value === "string" && strings(value));
  },
};

const numberRange =
  (limit: number | undefined, holds: (order: number) => boolean): ValueTest =>
  (value) =>
    limit !== undefined && holds((value as number) - limit);
