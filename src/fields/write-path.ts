import { type Data, isContainer, kindOf, maxDepth } from "../json.ts";
import { metaField } from "../origin/meta-view.ts";
import { ownOf } from "./members.ts";
import { pathProblem } from "./path-limits.ts";

/** A path that a `Draft` reads and writes. */
export interface WritePath {
  readonly text: string;
  readonly segments: readonly string[];
  /** For each segment, the keys that begin with it: of itself, then of itself and the next, and so on to the last. */
  readonly keys: readonly (readonly string[])[];
  /** The keys with which the path can begin, as JSON writes them. */
  readonly quoted: readonly string[];
}

/** Why a field cannot be written: a sentence without its full stop. */
export class WriteError extends Error {
  constructor(message: string) {
    super(message);
    this.name = "WriteError";
  }
}

/** A dotted path that is only read, such as `_meta.source`. Throws a `WriteError`. */
export const readPath = (text: string): WritePath => {
  const problem = pathProblem(text);
  if (problem) throw new WriteError(problem.message);
  const segments = text.split(".");
  if (segments.includes("")) throw new WriteError(`"${text}" has an empty name between its dots`);
  const keys = segments.map((_, from) => segments.slice(from).map((_, index) => keyOf(segments, from, from + index)));
  return { text, segments, keys, quoted: keys[0]!.map((key) => JSON.stringify(key)) };
};

const keyOf = (segments: readonly string[], from: number, to: number): string => segments.slice(from, to + 1).join(".");

/** A dotted path, checked. Throws a `WriteError`. */
export const writePath = (text: string): WritePath => {
  const path = readPath(text);
  if (path.segments[0] === metaField)
    throw new WriteError(`"${text}" cannot be written: "${metaField}" is what weir knows about an event`);
  return path;
};

export type Holder = Record<string, unknown> | unknown[];

/** Where a path leads: a key of a container, or the container in which the rest of the path is missing. */
export interface Place {
  /** The keys from the root to the holder. */
  readonly keys: string[];
  readonly holder: Holder;
  readonly key: string;
}

export const isIndex = (key: string, length: number): boolean =>
  /^(?:0|[1-9]\d{0,8})$/.test(key) && Number(key) < length;

/** What `valueAt` returns if there is no value: what is there may be undefined. */
export const nothing = Symbol("nothing");

/** The value at a path, from a segment on: the one with the shortest keys first. */
export const valueAt = (holder: unknown, path: WritePath, from: number): unknown => {
  if (!isContainer(holder)) return nothing;
  const keys = path.keys[from]!;
  const inner = holder as Record<string, unknown>;
  const count = Array.isArray(holder) ? (isIndex(keys[0]!, holder.length) ? 1 : 0) : keys.length;
  for (let index = 0; index < count; index++) {
    const key = keys[index]!;
    if (!Object.hasOwn(holder, key)) continue;
    if (index === keys.length - 1) return inner[key];
    const found = valueAt(inner[key], path, from + index + 1);
    if (found !== nothing) return found;
  }
  return nothing;
};

/** The place where `valueAt` finds the value. */
export const find = (holder: unknown, path: WritePath, from: number): Place | undefined => {
  if (!isContainer(holder)) return undefined;
  const keys = path.keys[from]!;
  const inner = holder as Record<string, unknown>;
  const count = Array.isArray(holder) ? (isIndex(keys[0]!, holder.length) ? 1 : 0) : keys.length;
  for (let index = 0; index < count; index++) {
    const key = keys[index]!;
    if (!Object.hasOwn(holder, key)) continue;
    if (index === keys.length - 1) return { keys: [], holder: inner, key };
    const found = find(inner[key], path, from + index + 1);
    if (!found) continue;
    found.keys.unshift(key);
    return found;
  }
  return undefined;
};

/** How far a path that leads nowhere leads by single names. Throws a `WriteError` if a value is in its way. */
export const deepest = (root: Data, segments: readonly string[]): { keys: string[]; from: number } => {
  const keys: string[] = [];
  let holder: unknown = root;
  for (let from = 0; from < segments.length - 1; from++) {
    const key = segments[from]!;
    const inner = Array.isArray(holder)
      ? isIndex(key, holder.length)
        ? holder[Number(key)]
        : undefined
      : ownOf(holder as Data, key);
    if (inner === undefined || inner === null) return { keys, from };
    if (!isContainer(inner)) {
      const path = segments.join(".");
      throw new WriteError(
        `"${path}" cannot be written, because "${segments.slice(0, from + 1).join(".")}" is ${kindOf(inner)}`,
      );
    }
    keys.push(key);
    holder = inner;
  }
  return { keys, from: segments.length - 1 };
};

export const tooDeep = (name: string): WriteError =>
  new WriteError(`"${name}" would be nested deeper than ${maxDepth} levels of objects and arrays, which is the limit`);

export const noIndex = ({ text, segments }: WritePath, from: number): WriteError =>
  new WriteError(
    `"${text}" cannot be written, because "${segments.slice(0, from).join(".")}" is an array without "${segments[from]}"`,
  );
