/** Any value that JSON can carry. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One JSON object: what an event's `data` is. Values come from `JSON.parse` and are not changed in place. */
export type Data = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** What a value is, in words that fit an error message: `"an array"`, `"null"`, `"a number"`. */
export const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : value === undefined ? "nothing" : `a ${typeof value}`;
};
