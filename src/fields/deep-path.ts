import { ExactNumber } from "../exact-number.ts";
import { type Data, isObject } from "../json.ts";
import type { Scalar } from "./types.ts";

/**
 * True if `test` is true for a value at a path, or at the rest of it from an offset on. It looks at the keys of each object
 * instead of at all keys that the path may consist of, of which a path with many segments has too many.
 */
export const someDeep = (data: Data, path: string, from: number, test: (value: Scalar) => boolean): boolean =>
  someAt(data, path, from, (value) => !isObject(value) && test(value));

/** The same for all values at a path, objects among them; arrays are looked into. */
export const someAt = (data: Data, path: string, from: number, test: (value: Scalar | Data) => boolean): boolean => {
  const keys = Object.keys(data).filter((key) => continues(path, from, key));
  if (keys.length > 1) keys.sort((a, b) => a.length - b.length);
  return keys.some((key) => inValue(data[key], path, from + key.length, test));
};

/** Whether the path goes on with this key: its next segment, or several. */
const continues = (path: string, from: number, key: string): boolean => {
  const end = from + key.length;
  return (end === path.length || path[end] === ".") && path.startsWith(key, from);
};

/** `at` is where the path goes on with a dot, or ends. */
const inValue = (value: unknown, path: string, at: number, test: (value: Scalar | Data) => boolean): boolean => {
  if (value === null || value === undefined) return false;
  if (typeof value !== "object") return at === path.length && test(value as Scalar);
  if (Array.isArray(value)) return value.some((item) => inValue(item, path, at, test));
  if (at === path.length) return test(value as Scalar | Data);
  return !(value instanceof ExactNumber) && someAt(value as Data, path, at + 1, test);
};

/** The same for all values at a path and below it, in objects too, however its parts are divided into keys. */
export const someWithin = (data: Data, path: string, from: number, test: (value: Scalar) => boolean): boolean =>
  Object.keys(data).some((key) => {
    if (continues(path, from, key)) return withinValue(data[key], path, from + key.length, test);
    const rest = path.length - from;
    return key.startsWith(".", rest) && path.endsWith(key.slice(0, rest)) && someLeafOf(data[key], test);
  });

const withinValue = (value: unknown, path: string, at: number, test: (value: Scalar) => boolean): boolean => {
  if (at === path.length) return someLeafOf(value, test);
  if (Array.isArray(value)) return value.some((item) => withinValue(item, path, at, test));
  return isObject(value) && someWithin(value, path, at + 1, test);
};

const someLeafOf = (value: unknown, test: (value: Scalar) => boolean): boolean => {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.some((item) => someLeafOf(item, test));
  return isObject(value) ? Object.values(value).some((inner) => someLeafOf(inner, test)) : test(value as Scalar);
};
