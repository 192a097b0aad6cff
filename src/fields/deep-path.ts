import { ExactNumber } from "../exact-number.ts";
import type { Data } from "../json.ts";
import type { Scalar } from "./types.ts";

/**
 * True if `test` is true for a value at a path, or at the rest of it from an offset on. It looks at the keys of each object
 * instead of at all keys that the path may consist of, of which a path with many segments has too many.
 */
export const someDeep = (data: Data, path: string, from: number, test: (value: Scalar) => boolean): boolean => {
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
const inValue = (value: unknown, path: string, at: number, test: (value: Scalar) => boolean): boolean => {
  if (value === null || value === undefined) return false;
  if (typeof value !== "object") return at === path.length && test(value as Scalar);
  if (Array.isArray(value)) return value.some((item) => inValue(item, path, at, test));
  if (value instanceof ExactNumber) return at === path.length && test(value);
  return at < path.length && someDeep(value as Data, path, at + 1, test);
};
