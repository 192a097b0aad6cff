import { ExactNumber } from "../../exact-number.ts";
import { compareNumerics, doubleOf, isIntegral, type Numeric, numericOfNumber } from "../../fields/numeric.ts";
import type { Scalar } from "../../fields/path.ts";
import { numberValue } from "../../fields/values.ts";
import { type Comparison, ordered } from "./comparison.ts";
import { date } from "./date.ts";
import { keyword } from "./keyword.ts";

const dateMath = /^now(?:[+\-/]|$)|\|\|/;

const isNumber = (value: Scalar): value is number | ExactNumber =>
  typeof value === "number" || value instanceof ExactNumber;

/**
 * For fields without a type: strings and booleans compare as keywords, numbers by value. A pattern is tested against
 * the text of any value; a range compares numbers with numbers and strings with strings. An integer compares with all its
 * digits, as in a `long` field, and a number with a fraction in the precision of a `double`. A range with date math, such as
 * `now-7d`, compares dates.
 */
export const byValue: Comparison = {
  exists: keyword.exists,
  equal(text) {
    const order = orderTo(numberValue(text));
    const equals = keyword.equal(text, false);
    return (value) => (isNumber(value) ? order(value) === 0 : equals(value));
  },
  pattern: keyword.pattern,
  patterns: keyword.patterns!,
  range(operator, text, clock) {
    if (dateMath.test(text)) return date.range(operator, text, clock);
    const strings = keyword.range(operator, text);
    const order = orderTo(numberValue(text));
    const holds = ordered(operator);
    return (value) => (isNumber(value) ? holds(order(value)) : typeof value === "string" && strings(value));
  },
};

/** Compares numbers with a limit: below, at or above zero; not a number if the limit is none. */
const orderTo = (limit: Numeric | undefined): ((value: number | ExactNumber) => number) => {
  if (limit === undefined) return () => Number.NaN;
  const double = doubleOf(limit);
  return (value) => {
    if (typeof value === "number" && typeof limit === "number") return value - limit;
    const numeric = numericOfNumber(value);
    return isIntegral(numeric) ? compareNumerics(numeric, limit) : doubleOf(numeric) - double;
  };
};
