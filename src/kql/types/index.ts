import type { Mapping } from "../../fields/mapping.ts";
import { boolean } from "./boolean.ts";
import { byValue } from "./by-value.ts";
import type { Comparison } from "./comparison.ts";
import { ip } from "./ip.ts";
import { keyword, wholeText } from "./keyword.ts";
import { limited } from "./limited.ts";
import { number } from "./number.ts";
import { text } from "./text.ts";

/** How each field type compares, whatever the length of its values; `by_value` is for fields without a type. */
export const comparisons: Readonly<Record<Mapping["type"], Comparison>> = {
  by_value: byValue,
  keyword,
  constant_keyword: wholeText,
  wildcard: wholeText,
  text,
  match_only_text: text,
  ip,
  boolean,
  long: number("long"),
  unsigned_long: number("unsigned_long"),
  integer: number("integer"),
  short: number("short"),
  byte: number("byte"),
  double: number("double"),
  float: number("float"),
};

/** How the values of a mapping compare. */
export const comparisonOf = ({ type, ignoreAbove }: Mapping): Comparison =>
  ignoreAbove < Number.POSITIVE_INFINITY ? limited(comparisons[type], ignoreAbove) : comparisons[type];
