import { isContainer, isObject, kindOf, maxDepth } from "./json.ts";

/** Used instead of a number of levels: the value is being visited; it was not visited, or it has a flaw. */
const isOpen = -1;
const isUnknown = 0;

/** Its constructor returns the object it is given, so that a derived class adds its private fields to that object. */
class Given {
  constructor(value: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what the class is for.
    return value;
  }
}

/**
 * The number of levels of each value that was found sound, and frozen with everything in it. It is a private field of
 * the value itself: no other code can see or set it, and it costs a quarter of an entry in a WeakMap.
 */
class Seen extends Given {
  #levels = isUnknown;

  static levelsOf(value: object): number {
    return #levels in value ? value.#levels : isUnknown;
  }

  static mark(value: object, levels: number): void {
    const seen = #levels in value ? value : new Seen(value);
    seen.#levels = levels;
  }
}

/** What JSON cannot represent, and the path to it, from the inside out. */
class Flaw {
  readonly what: string;
  readonly #steps: string[] = [];

  constructor(what: string) {
    this.what = what;
  }

  /** Adds the name or the index under which it was found. */
  within(step: string | number): Flaw {
    const isPlain = typeof step === "string" && /^[\w@-]+$/.test(step);
    this.#steps.push(isPlain ? `.${step}` : `[${JSON.stringify(step)}]`);
    return this;
  }

  get sentence(): string {
    if (this.#steps.length === 0) return `the data ${this.what}`;
    const path = this.#steps.reverse().join("");
    const shown = path.startsWith(".") ? path.slice(1) : path;
    return `the value at "${shown.length > longestPath ? `${shown.slice(0, longestPath)}…` : shown}" ${this.what}`;
  }
}

/** The longest path that is shown in full, in characters. */
const longestPath = 200;

/**
 * Deep-freezes an event's data and returns undefined. If the data contains something that JSON cannot represent, returns
 * a sentence that says what and where. Undefined members of objects are allowed, since JSON omits them. Parts that an
 * earlier call found sound are not visited again; parts that other code froze are.
 */
export const soundData = (data: unknown): string | undefined => {
  if (!isObject(data)) return `the data is ${kindOf(data)}; it must be a JSON object`;
  try {
    const found = levelsOf(data, 1, false);
    return found instanceof Flaw ? found.sentence : undefined;
  } catch (error) {
    return `the data cannot be read: ${(error as Error).message}`;
  }
};

/** Deep-freezes what JSON.parse returned. It may contain Infinity, which is how JSON.parse reads `1e400`. */
export const freezeParsed = (data: object): void => void levelsOf(data, 1, true);

/** Freezes a value; returns how many levels of objects and arrays it has. The recursion is at most `maxDepth` calls deep. */
const levelsOf = (value: object, depth: number, isParsed: boolean): number | Flaw => {
  const known = Seen.levelsOf(value);
  if (known === isOpen) return new Flaw("is a circular reference to an object that contains it");
  if (depth - 1 + Math.max(1, known) > maxDepth) return new Flaw(`is nested deeper than ${maxDepth} levels`);
  if (known > 0) return known;
  if (!isPlain(value)) return new Flaw(`is ${instanceName(value)}: only plain values can be written as JSON`);
  Seen.mark(value, isOpen);
  let levels: number | Flaw = isUnknown;
  try {
    levels = Array.isArray(value) ? levelsOfItems(value, depth, isParsed) : levelsOfMembers(value, depth, isParsed);
    if (typeof levels === "number") Object.freeze(value);
  } finally {
    Seen.mark(value, typeof levels === "number" ? levels : isUnknown);
  }
  return levels;
};

const levelsOfItems = (list: readonly unknown[], depth: number, isParsed: boolean): number | Flaw => {
  let levels = 1;
  for (let index = 0; index < list.length; index++) {
    const found = levelsBelow(Object.getOwnPropertyDescriptor(list, index) ?? noItem, depth, isParsed);
    if (typeof found !== "number") return found.within(index);
    if (found >= levels) levels = found + 1;
  }
  return levels;
};

const noItem: PropertyDescriptor = { value: undefined };

const levelsOfMembers = (object: object, depth: number, isParsed: boolean): number | Flaw => {
  let levels = 1;
  for (const name in object) {
    const descriptor = Object.getOwnPropertyDescriptor(object, name);
    // JSON omits undefined and inherited members.
    if (descriptor === undefined) continue;
    if (descriptor.value === undefined && !descriptor.get && !descriptor.set) continue;
    const found = levelsBelow(descriptor, depth, isParsed);
    if (typeof found !== "number") return found.within(name);
    if (found >= levels) levels = found + 1;
  }
  return levels;
};

/** The levels of a member or an item; 0 if it is not an object or an array. */
const levelsBelow = (descriptor: PropertyDescriptor, depth: number, isParsed: boolean): number | Flaw => {
  if (descriptor.get || descriptor.set)
    return new Flaw("is a getter or a setter: only plain values can be written as JSON");
  const value: unknown = descriptor.value;
  switch (typeof value) {
    case "string":
    case "boolean":
      return 0;
    case "number":
      return isParsed || Number.isFinite(value) ? 0 : new Flaw(`is ${value}, and JSON has finite numbers only`);
    case "object":
      return isContainer(value) ? levelsOf(value, depth + 1, isParsed) : 0;
    case "undefined":
      return new Flaw("is undefined, which a JSON array cannot hold");
    case "bigint":
      return new Flaw("is a BigInt, which JSON does not have");
    default:
      return new Flaw(`is a ${typeof value}, which JSON does not have`);
  }
};

/** Whether it is an array, or an object without a class, also from another realm, which has its own Object. */
const isPlain = (value: object): boolean => {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return true;
  if (Array.isArray(value)) return prototype === Array.prototype;
  return Object.getPrototypeOf(prototype) === null && Object.hasOwn(prototype as object, "hasOwnProperty");
};

const instanceName = (value: object): string => {
  const { constructor: made } = value as { readonly constructor?: unknown };
  return typeof made === "function" && made.name !== "" ? `a ${made.name}` : "an object of a class";
};
