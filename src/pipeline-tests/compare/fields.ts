import { ExactNumber } from "../../exact-number.ts";
import { type Data, isObject } from "../../json.ts";

/** Whether two values are the same JSON; the order of keys does not matter. */
export const isSame = (a: unknown, b: unknown): boolean => {
  if (a instanceof ExactNumber || b instanceof ExactNumber) return isSameNumber(a, b);
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, i) => isSame(item, b[i]));
  if (!isObject(a) || !isObject(b)) return a === b;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && isSame(a[key], b[key]));
};

/** A number in a test has the digits that YAML leaves of it. */
const isSameNumber = (a: unknown, b: unknown): boolean => {
  const isNumber = (value: unknown) => typeof value === "number" || value instanceof ExactNumber;
  return isNumber(a) && isNumber(b) && (String(a) === String(b) || Number(a) === Number(b));
};

/** Whether the event has all expected fields. `null` says that a field is missing. */
export const hasFields = (expected: Data, actual: Data): boolean =>
  fieldsOf(expected).every(([path, value]) => fits(value, valueAt(actual, path)));

/** Items of lists are compared one by one; objects in them need only have the expected fields. */
const fits = (expected: unknown, actual: unknown): boolean => {
  if (expected === null) return actual === undefined || actual === null;
  if (Array.isArray(expected))
    return Array.isArray(actual) && expected.length === actual.length && expected.every((e, i) => fits(e, actual[i]));
  if (isObject(expected) && isObject(actual)) return hasFields(expected, actual);
  return isSame(expected, actual);
};

/** The fields of an event that an expectation names, by path, as the event has them. */
export const namedFields = (expected: Data, actual: Data): Data =>
  Object.fromEntries(
    fieldsOf(expected).flatMap(([path, value]) => {
      const found = valueAt(actual, path);
      return found === undefined ? (value === null ? [[path, null]] : []) : [[path, found]];
    }),
  );

/** The expected fields with their full paths. */
export const fieldsOf = (expected: Data, prefix = ""): [string, unknown][] =>
  Object.entries(expected).flatMap(([key, value]): [string, unknown][] => {
    const path = prefix === "" ? key : `${prefix}.${key}`;
    return isObject(value) && Object.keys(value).length > 0 ? fieldsOf(value, path) : [[path, value]];
  });

/** The value at a path; a dot in a key is the same as nesting. */
const valueAt = (data: Data, path: string): unknown => {
  if (Object.hasOwn(data, path)) return data[path];
  for (let dot = path.indexOf("."); dot >= 0; dot = path.indexOf(".", dot + 1)) {
    const inner = Object.hasOwn(data, path.slice(0, dot)) ? data[path.slice(0, dot)] : undefined;
    const found = isObject(inner) ? valueAt(inner, path.slice(dot + 1)) : undefined;
    if (found !== undefined) return found;
  }
  return undefined;
};

/** The same value, its keys in the order of another one as far as it has them. */
export const orderedLike = (model: unknown, value: unknown): unknown => {
  if (Array.isArray(value))
    return value.map((item, index) => orderedLike(Array.isArray(model) ? model[index] : undefined, item));
  if (!isObject(value)) return value;
  const known = isObject(model) ? Object.keys(model).filter((key) => Object.hasOwn(value, key)) : [];
  const keys = new Set([...known, ...Object.keys(value)]);
  return Object.fromEntries(
    [...keys].map((key) => [key, orderedLike(isObject(model) ? model[key] : undefined, value[key])]),
  );
};
