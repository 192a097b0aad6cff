/** Any value that JSON can represent. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One JSON object, such as an event's `data`. Values come from `JSON.parse` and are not changed in place. */
export type Data = { readonly [key: string]: unknown };

export const isObject = (value: unknown): value is Data =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** The kind of a value, in words for an error message: `"an array"`, `"null"`, `"a number"`. */
export const kindOf = (value: unknown): string => {
  if (value === null) return "null";
  if (Array.isArray(value)) return "an array";
  return typeof value === "object" ? "an object" : value === undefined ? "nothing" : `a ${typeof value}`;
};

/** How deep objects and arrays may be nested in an event. Receivers usually have lower limits. */
export const maxDepth = 512;

/** Whether a value from `JSON.parse` is nested deeper than `maxDepth`. It does not recurse. */
export const isTooDeep = (value: unknown): boolean => {
  let level: object[] = isContainer(value) ? [value] : [];
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > maxDepth) return true;
    level = containersIn(level);
  }
  return false;
};

const containersIn = (level: readonly object[]): object[] => {
  const found: object[] = [];
  for (const container of level) {
    if (Array.isArray(container)) {
      for (const item of container) if (isContainer(item)) found.push(item);
    } else
      for (const name in container) {
        const member = (container as Data)[name];
        if (isContainer(member)) found.push(member);
      }
  }
  return found;
};

const isContainer = (value: unknown): value is object => typeof value === "object" && value !== null;
