import { isObject, kindOf, maxDepth } from "./json.ts";

/** Levels of what `Seen` has of a value that is being walked through, or was and is flawed. */
const isOpen = -1;
const isUnknown = 0;

/** A constructor that returns the object it is given, so that a class derived from it adds its private fields to that. */
class Given {
  constructor(value: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what the class is for.
    return value;
  }
}

/**
 * How many levels each value has that was found sound, and frozen with all that is in it. A private field on the value
 * itself: nobody else can see or set it, and it costs a quarter of what an entry in a WeakMap does.
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

/** A value whose members are being looked at. */
class Frame {
  readonly value: object;
  /** Undefined for an array. */
  readonly names: readonly string[] | undefined;
  next = 0;
  /** Of the value with its members, as far as they have been looked at. */
  levels = 1;

  constructor(value: object) {
    this.value = value;
    this.names = Array.isArray(value) ? undefined : Object.keys(value);
    Seen.mark(value, isOpen);
  }

  get size(): number {
    return this.names ? this.names.length : (this.value as readonly unknown[]).length;
  }

  /** The member that was looked at last, as it is written behind a path. */
  get step(): string {
    const at = this.next - 1;
    if (!this.names) return `[${at}]`;
    const name = this.names[at]!;
    return /^[\w@-]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
  }

  add(levels: number): void {
    this.levels = Math.max(this.levels, levels + 1);
  }
}

/**
 * Freezes an event's data with all that is in it, unless there is something in it that JSON cannot carry: then it says
 * what, and where. Members of objects that are undefined are fine, since JSON leaves them out. What an earlier call
 * found sound is not walked through again; what somebody else froze is.
 */
export const soundData = (data: unknown): string | undefined => {
  if (!isObject(data)) return `a JSON object is wanted, the data is ${kindOf(data)}`;
  if (Seen.levelsOf(data) > 0) return undefined;
  const frames: Frame[] = [];
  try {
    const flaw = flawOf(data, undefined) ?? walk(data, frames);
    if (flaw === undefined) return undefined;
    return frames.length === 0 ? `the data ${flaw}` : `the value at "${pathTo(frames)}" ${flaw}`;
  } catch (error) {
    return `the data cannot be read: ${(error as Error).message}`;
  } finally {
    for (const { value } of frames) Seen.mark(value, isUnknown);
  }
};

/** What is wrong with the last member that the frames lead to; undefined when all is sound, and no frame is left. */
const walk = (data: object, frames: Frame[]): string | undefined => {
  frames.push(new Frame(data));
  for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
    const inner = nextWithin(frame, frames.length);
    if (typeof inner === "string") return inner;
    if (inner) frames.push(new Frame(inner));
    else {
      Object.freeze(frame.value);
      Seen.mark(frame.value, frame.levels);
      frames.pop();
      frames.at(-1)?.add(frame.levels);
    }
  }
  return undefined;
};

/** The next member that is to be walked through, or what is wrong with one; undefined at the end. */
const nextWithin = (frame: Frame, depth: number): object | string | undefined => {
  const { value, names, size } = frame;
  while (frame.next < size) {
    const name = names ? names[frame.next]! : frame.next;
    frame.next++;
    const descriptor = Object.getOwnPropertyDescriptor(value, name);
    if (descriptor?.get || descriptor?.set) return "is a getter or a setter: plain values are wanted";
    const member: unknown = descriptor?.value;
    const flaw = flawOf(member, names);
    if (flaw !== undefined) return flaw;
    if (typeof member !== "object" || member === null) continue;
    const levels = Seen.levelsOf(member);
    if (levels === isOpen) return "is a circular reference: it is one of the objects that it is in";
    if (depth + Math.max(1, levels) > maxDepth) return `is nested deeper than ${maxDepth} levels`;
    if (levels === isUnknown) return member;
    frame.add(levels);
  }
  return undefined;
};

/** What is wrong with a value, whatever is in it; `names` is undefined for an item of an array. */
const flawOf = (value: unknown, names: readonly string[] | undefined): string | undefined => {
  switch (typeof value) {
    case "string":
    case "boolean":
      return undefined;
    case "number":
      return Number.isFinite(value) ? undefined : `is ${value}: JSON has finite numbers only`;
    case "object":
      return value === null || isPlain(value) ? undefined : `is ${instanceName(value)}: plain values are wanted`;
    case "undefined":
      return names ? undefined : "is undefined: an array in JSON has no gaps";
    case "bigint":
      return "is a BigInt: JSON has none";
    default:
      return `is a ${typeof value}: JSON has none`;
  }
};

/** An array or an object of no class; also one of another realm, whose Object is not this one's. */
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

/** How much of a path is shown. */
const longestPath = 200;

const pathTo = (frames: readonly Frame[]): string => {
  const path = frames.map(({ step }) => step).join("");
  const shown = path.startsWith(".") ? path.slice(1) : path;
  return shown.length > longestPath ? `${shown.slice(0, longestPath)}…` : shown;
};
