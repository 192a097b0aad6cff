import { type Data, isObject } from "../json.ts";

/** One value of a field, as Elasticsearch's document model sees it: neither null, nor an object, nor an array. */
export type Scalar = string | number | boolean;

/** How to read one field of a document. */
export interface Field {
  /** True as soon as `test` is true for one of the field's values; false when there is none. It allocates nothing. */
  some(data: Data, test: (value: Scalar) => boolean): boolean;
  /** All values, in order of appearance, repeats included. */
  values(data: Data): readonly Scalar[];
}

/** What a key may lead to: `next` is empty when the path ends with it. */
interface Step {
  readonly key: string;
  /** `constructor` and the like are found on every object, so they count only when they are its own. */
  readonly inherited: boolean;
  readonly next: readonly Step[];
}

/**
 * Reads a dotted path by Elasticsearch's document model: a dot in a key separates like nesting does, at any level and
 * mixed; arrays, also of objects and of arrays, pool their values; null and `[]` are no value, `""` is one.
 */
export const compilePath = (path: string): Field => {
  const steps = stepsOf(path.split("."));
  return {
    some: (data, test) => inObject(data, steps, test),
    values: (data) => {
      const found: Scalar[] = [];
      inObject(data, steps, (value) => {
        found.push(value);
        return false;
      });
      return found;
    },
  };
};

/** From each segment on, a key may hold one, two, … or all of the segments that are left. */
const stepsOf = (segments: readonly string[]): readonly Step[] => {
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

/** The engine's own copy of a key; looking up a text that was put together is three times slower. */
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
  return next.length > 0 && inObject(value as Data, next, test);
};

/** True as soon as `test` is true for one of the document's values; it is told each value's whole path. */
export const someLeaf = (data: Data, test: (path: string, value: Scalar) => boolean, prefix = ""): boolean => {
  for (const key of Object.keys(data)) if (leafIn(data[key], `${prefix}${key}`, test)) return true;
  return false;
};

const leafIn = (value: unknown, path: string, test: (path: string, value: Scalar) => boolean): boolean => {
  if (value === null || value === undefined) return false;
  if (Array.isArray(value)) return value.some((item) => leafIn(item, path, test));
  return isObject(value) ? someLeaf(value, test, `${path}.`) : test(path, value as Scalar);
};
