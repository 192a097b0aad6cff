import type { Mapping } from "../../fields/mapping.ts";
import { fieldTypes } from "../../fields/types.ts";
import { boolean } from "./boolean.ts";
import { byValue } from "./by-value.ts";
import { type Comparison, Unfit } from "./comparison.ts";
import { date, dateNanos, dateWith } from "./date.ts";
import { onlyExists } from "./existence.ts";
import { flattenedKey } from "./flattened.ts";
import { ip } from "./ip.ts";
import { caseless, keyword, wholeText } from "./keyword.ts";
import { limited } from "./limited.ts";
import { number } from "./number.ts";
import { scriptText, text } from "./text.ts";
import { version } from "./version.ts";

/** How each field type compares, whatever the length of its values; `by_value` is for fields without a type. */
export const comparisons: Readonly<Record<Mapping["type"], Comparison>> = {
  by_value: byValue,
  keyword,
  constant_keyword: wholeText,
  wildcard: wholeText,
  text,
  match_only_text: text,
  version,
  ip,
  boolean,
  date,
  date_nanos: dateNanos,
  long: number("long"),
  unsigned_long: number("unsigned_long"),
  integer: number("integer"),
  short: number("short"),
  byte: number("byte"),
  double: number("double"),
  float: number("float"),
  half_float: number("half_float"),
  scaled_float: number("scaled_float"),
  flattened: keyword,
  flattened_key: flattenedKey,
  caseless,
  script_text: scriptText,
  nested: onlyExists("nested objects"),
  object: byValue,
  geo_point: onlyExists("places"),
  geo_shape: onlyExists("shapes"),
  binary: onlyExists("binary values"),
};

/** How the values of a mapping compare. Throws `Unfit` for a type that a program without types may give. */
export const comparisonOf = ({ type, ignoreAbove, format }: Mapping): Comparison => {
  if (!Object.hasOwn(comparisons, type))
    throw new Unfit(`there is no type "${type}"`, `The types are ${fieldTypes.join(", ")}.`);
  if (format !== undefined) return dateWith(format);
  return ignoreAbove < Number.POSITIVE_INFINITY ? limited(comparisons[type], ignoreAbove) : comparisons[type];
};
