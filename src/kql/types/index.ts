import type { FieldType } from "../../fields/types.ts";
import { boolean } from "./boolean.ts";
import { byValue } from "./by-value.ts";
import type { Comparison } from "./comparison.ts";
import { ip } from "./ip.ts";
import { keyword, wholeText } from "./keyword.ts";
import { number } from "./number.ts";
import { text } from "./text.ts";

/** How each field type compares; `by_value` is for fields without one. */
export const comparisons: Readonly<Record<FieldType | "by_value", Comparison>> = {
  by_value: byValue,
  keyword,
  constant_keyword: wholeText,
  wildcard: wholeText,
  text,
  match_only_text: text,
  ip,
  boolean,
  long: number("long"),
  integer: number("integer"),
  short: number("short"),
  byte: number("byte"),
  double: number("double"),
  float: number("float"),
};
