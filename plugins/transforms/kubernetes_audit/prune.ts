import { RejectError } from "weir";
import { ExactNumber } from "weir/fields";

/** The deepest nesting that is accepted: what Kubernetes logs is far from it, and later steps may recurse. */
const maxDepth = 500;

/** What pruning noticed about the numbers of an event: it looks at every value anyway. */
export interface Numbers {
  /** JSON.parse may have changed one of them. */
  areInDoubt: boolean;
}

/**
 * Removes null, "", {} and [], depth first, so a list that contains only nulls is removed, too. `undefined` if nothing is
 * left. A value without anything to remove is returned unchanged. (Step 15 of Elastic's audit log pipeline.)
 */
export const prune = (value: unknown, numbers: Numbers, depth = 0): unknown => {
  if (typeof value === "string") return value === "" ? undefined : value;
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) numbers.areInDoubt = true;
    return value;
  }
  if (typeof value !== "object" || value instanceof ExactNumber) return value;
  if (value === null) return undefined;
  if (depth > maxDepth)
    throw new RejectError("nested_too_deep", `the event is nested deeper than ${maxDepth} levels, which is the limit`);
  return Array.isArray(value)
    ? pruneArray(value, numbers, depth + 1)
    : pruneObject(value as Record<string, unknown>, numbers, depth + 1);
};

const pruneArray = (values: readonly unknown[], numbers: Numbers, depth: number): unknown => {
  let copy: unknown[] | undefined;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    const left = typeof value === "string" && value !== "" ? value : prune(value, numbers, depth);
    if (left !== value) copy ??= values.slice(0, index);
    if (copy && left !== undefined) copy.push(left);
  }
  const left = copy ?? values;
  return left.length === 0 ? undefined : left;
};

const pruneObject = (object: Record<string, unknown>, numbers: Numbers, depth: number): unknown => {
  let copy: Record<string, unknown> | undefined;
  let size = 0;
  for (const key in object) {
    const value = object[key];
    // Most members are text, which needs no call.
    const left = typeof value === "string" && value !== "" ? value : prune(value, numbers, depth);
    if (left !== value || left === undefined) copy ??= before(object, key);
    if (left === undefined) continue;
    size++;
    if (copy) put(copy, key, left);
  }
  return size === 0 ? undefined : (copy ?? object);
};

/** The members of `object` that come before `key`. */
const before = (object: Record<string, unknown>, key: string): Record<string, unknown> => {
  const copy: Record<string, unknown> = {};
  for (const earlier in object) {
    if (earlier === key) break;
    put(copy, earlier, object[earlier]);
  }
  return copy;
};

/** Sets a member of any name: a plain assignment to `__proto__` would set the prototype. */
export const put = (object: Record<string, unknown>, key: string, value: unknown): void => {
  if (key !== "__proto__") object[key] = value;
  else Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
};
