import type { Data } from "weir";

export const isObject = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The kind of a value, in words for an error message: `"an array"`, `"null"`, `"a number"`. */
export const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : value === undefined ? "nothing" : `a ${typeof value}`;
};
