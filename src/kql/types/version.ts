import { versionOrder } from "../../fields/version.ts";
import { type Comparison, ordered } from "./comparison.ts";
import { keyword } from "./keyword.ts";

/** Whole texts, in the order of versions: `1.9.0` is less than `1.10.0`. */
export const version: Comparison = {
  ...keyword,
  range(operator, text) {
    const holds = ordered(operator);
    const order = versionOrder(text);
    return (value) => holds(order(String(value)));
  },
};
