import type { FieldType } from "../../fields/types.ts";
import { numberOf, numberValue } from "../../fields/values.ts";
import { type Comparison, ordered, Unfit } from "./comparison.ts";

/** Compares by value, so `007` is `7`. A number with a fraction equals no integer. */
export const number = (type: FieldType): Comparison => {
  const literal = (text: string) => {
    const wanted = numberValue(text);
    if (wanted === undefined) throw new Unfit("it is not a number", "Write a number such as 404 or -1.5.");
    return type === "float" ? Math.fround(wanted) : wanted;
  };
  return {
    exists: (value) => numberOf(type, value) !== undefined,
    equal(text) {
      const wanted = literal(text);
      return (value) => numberOf(type, value) === wanted;
    },
    pattern() {
      throw new Unfit("numbers have no patterns", "Compare with < and >, or list the numbers.");
    },
    range(operator, text) {
      const wanted = literal(text);
      const holds = ordered(operator);
      return (value) => {
        const number = numberOf(type, value);
        return number !== undefined && holds(number - wanted);
      };
    },
  };
};
