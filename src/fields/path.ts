import { ExactNumber } from "../exact-number.ts";
import { type Data, isObject } from "../json.ts";
import { someDeep } from "./deep-path.ts";
import type { Scalar } from "./types.ts";

export type { Scalar } from "./types.ts";

/** How to read one field of a document. */
export interface Field {
  /** True if `test` is true for one of the field's values. It allocates nothing. */
  some(data: Data, test: (value: Scalar) => boolean): boolean;
  /** All values in order of appearance, with repeats. */
  values(data: Data): readonly Scalar[];
}

/** A key, and the steps that may follow it; `next` is empty if the path ends here. */
interface Step {
  readonly key: string;
  /** Every object inherits `constructor` and the like, so these keys count only if they are own properties. */
  readonly inherited: boolean;
  readonly next: readonly Step[];
}

/**
 * Reads a dotted path by Elasticsearch's document model: a dot in a key is the same as nesting, at any level and in any
 * mix; arrays, also of objects and arrays, pool their values; null and `[]` are no value, but `""` is one.
 */
export const compilePath = (path: string): Field => {
  const some = someOf(path);
  return {
    some,
    values: (data) => {
      const found: Scalar[] = [];
      some(data, (value) => {
        found.push(value);
        return false;
      });
      return found;
    },
  };
};

/** Longest path whose possible keys are listed in advance: their number is quadratic in the segments. */
const mostListed = 8;

const someOf = (path: string): Field["some"] => {
  const segments = path.split(".");
  if (segments.length > mostListed) return (data, test) => someDeep(data, path, 0, test);
  const steps = stepsOf(path, segments);
  return (data, test) => inObject(data, steps, test);
};

/** Many queries read the same fields. The steps of so many paths are kept. */
const mostKnown = 1024;
const known = new Map<string, readonly Step[]>();

const stepsOf = (path: string, segments: readonly string[]): readonly Step[] => {
  const kept = known.get(path);
  if (kept) return kept;
  if (known.size === mostKnown) known.clear();
  const steps = newSteps(segments);
  known.set(path, steps);
  return steps;
};

/** From each segment on, a key may consist of one, two, … or all of the remaining segments. */
const newSteps = (segments: readonly string[]): readonly Step[] => {
  const from: Step[][] = segments.map(() => []);
  for (let start = segments.length - 1; start >= 0; start--) {
    let key = "";
    for (let end = start + 1; end <= segments.length; end++) {
      key = end === start + 1 ? segments[start]! : `${key}.${segments[end - 1]}`;
      from[start]!.push({ key: asKey(key), inherited: key in Object.prototype, next: from[end] ?? [] });
    }
  }
  return from[0]!;
};

/** An interned copy of the key: looking up a concatenated string is three times slower. */
const asKey = (text: string): string => Object.keys({ [text]: 0 })[0]!;

const inObject = (object: Data, steps: readonly Step[], test: (value: Scalar) => boolean): boolean => {
  for (let i = 0; i < steps.length; i++) {
    const step = steps[i]!;
    if (step.inherited && !Object.hasOwn(object, step.key)) continue;
    const value = object[step.key];
    if (value !== undefined && value !== null && inValue(value, step.next, test)) return true;
  }
  return false;
};

const inValue = (value: unknown, next: readonly Step[], test: (value: Scalar) => boolean): boolean => {
  if (typeof value !== "object") return next.length === 0 && test(value as Scalar);
  if (Array.isArray(value)) {
    for (const item of value) if (item !== null && inValue(item, next, test)) return true;
    return false;
  }
  if (value instanceof ExactNumber) return next.length === 0 && test(value);
  return next.length > 0 && inObject(value as Data, next, test);
};

/** True if `test` is true for one of the document's values, called with the full path of each. */
export const someLeaf = (data: Data, test: (path: string, value: Scalar) => boolean, prefix = ""): boolean => {
  for (const key of Object.keys(data)) if (leafIn(data[key], `${prefix}${key}`, test)) return true;
  return false;
};

const leafIn = (value: unknown, path: string, test: (path: string, value: Scalar) => boolean): boolean => {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.some((item) => leafIn(item, path, test));
  return isObject(value) ? someLeaf(value, test, `${path}.`) : test(path, value as Scalar);
};
