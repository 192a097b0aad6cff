import { ExactNumber } from "./exact-number.ts";

/** Any value that JSON can represent. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/**
 * One JSON object, such as an event's `data`. Values come from JSON and are not changed in place. A number that JavaScript
 * would change is an `ExactNumber`.
 */
export type Data = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);

/** The kind of a value, in words for an error message: `"an array"`, `"null"`, `"a number"`. */
export const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  if (value instanceof ExactNumber) return "a number";
  return typeof value === "object" ? "an object" : value === undefined ? "nothing" : `a ${typeof value}`;
};

/** How deep objects and arrays may be nested in an event. Receivers usually have lower limits. */
export const maxDepth = 512;

/** Whether a value has more levels of objects and arrays than this. The recursion is at most this many calls deep. */
export const isDeeperThan = (value: unknown, levels: number): boolean => {
  if (!isContainer(value)) return false;
  if (levels <= 0) return true;
  for (const inner of Object.values(value)) if (isDeeperThan(inner, levels - 1)) return true;
  return false;
};

/** Whether a value contains others: an object or an array. */
export const isContainer = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !(value instanceof ExactNumber);
