import { type Data, isObject } from "../json.ts";

/** Sets an own property, whatever its name: an assignment to `__proto__` would change the prototype instead. */
export const put = (holder: object, key: string, value: unknown): void => {
  if (key === "__proto__")
    Object.defineProperty(holder, key, { value, writable: true, enumerable: true, configurable: true });
  else (holder as Record<string, unknown>)[key] = value;
};

/** A member of its own; undefined if there is none. */
export const ownOf = (object: Data, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined);

/** Adds to an object the members that it does not have, also to the objects in it, which are changed, too. */
export const addMissing = (target: Record<string, unknown>, source: Data): void => {
  for (const [key, value] of Object.entries(source)) {
    const before = ownOf(target, key);
    if (before === undefined) put(target, key, value);
    else if (isObject(before) && isObject(value)) addMissing(before as Record<string, unknown>, value);
  }
};

/** Merges objects: members of the second count more, and nested objects are merged, too. */
export const merged = (first: Data, second: Data): Data => {
  const result: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const before = ownOf(result, key);
    put(result, key, isObject(before) && isObject(value) ? merged(before, value) : value);
  }
  return result;
};
