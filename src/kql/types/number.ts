import { halfFloatOf, scaledOf } from "../../fields/floats.ts";
import { compareNumerics, doubleOf, isIntegral, type Numeric } from "../../fields/numeric.ts";
import type { PlainType } from "../../fields/types.ts";
import { numberOf, numberValue } from "../../fields/values.ts";
import { type Comparison, ordered, Unfit } from "./comparison.ts";
import { never } from "./never.ts";

/** What a literal is rounded to before it is compared with the values of a field. */
const roundings: Partial<Record<PlainType, (literal: Numeric) => Numeric>> = {
  double: doubleOf,
  float: (literal) => Math.fround(doubleOf(literal)),
  half_float: (literal) => halfFloatOf(doubleOf(literal)),
};

const whole: ReadonlySet<PlainType> = new Set(["byte", "short", "integer", "long", "unsigned_long"]);

/**
 * Compares by value, so `007` is `7`. Integers compare with all their digits, and one with a fraction equals none;
 * doubles and floats compare in their precision.
 */
export const number = (type: PlainType): Comparison => {
  const rounded = roundings[type] ?? ((literal) => literal);
  const literal = (text: string): Numeric => {
    const wanted = numberValue(text);
    if (wanted === undefined) throw new Unfit("it is not a number", "Write a number such as 404 or -1.5.");
    return rounded(wanted);
  };
  return {
    exists: (value) => numberOf(type, value) !== undefined,
    equal(text) {
      const number = literal(text);
      const wanted = type === "scaled_float" ? scaledOf(doubleOf(number)) : number;
      if (whole.has(type) && !isIntegral(number))
        return never("the field holds whole numbers", "Write a whole number, or compare with < or >.");
      return (value) => {
        const number = numberOf(type, value);
        return number !== undefined && compareNumerics(number, wanted) === 0;
      };
    },
    pattern() {
      throw new Unfit("numbers have no patterns", "Compare with < and >, or list the numbers.");
    },
    range(operator, text) {
      const wanted = literal(text);
      const holds = ordered(operator);
      return (value) => {
        const number = numberOf(type, value);
        return number !== undefined && holds(compareNumerics(number, wanted));
      };
    },
  };
};
