import { type Event, type Meta, withData } from "../event.ts";
import { type Data, isContainer, isDeeperThan, kindOf, maxDepth } from "../json.ts";
import { metaField, withMeta } from "../origin/meta-view.ts";
import { EditedRecord, membersOf, recordOf } from "../record-event.ts";
import type { RecordMembers } from "../record-members.ts";
import { ownOf, put } from "./members.ts";
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

type Holder = Record<string, unknown> | unknown[];

/** Where a path leads: a key of a container, or the container in which the rest of the path is missing. */
interface Place {
  /** The keys from the root to the holder. */
  readonly keys: string[];
  readonly holder: Holder;
  readonly key: string;
}

/**
 * A copy of an event's data that can be written. It copies only what it changes: the data itself, and all that others
 * hold of it, stay as they were. A dotted path finds a value as queries do, whether its dots are nesting or part of a key;
 * a number in it is an index of an array. What is missing is added as nested objects. Of a record that is not parsed, only the
 * members that are read or written are.
 */
export class Draft {
  #root: Data;
  /** If the event is a record that is not parsed: its members, of which `#root` has those that were needed so far. */
  #members: RecordMembers | undefined;
  /** Whether these are changed. */
  #isChanged = false;
  #event: Event | undefined;
  /** The objects and arrays that are copies of its own. */
  #own: Set<object> | undefined;
  #meta: Meta | undefined;

  /** With `meta`, what weir knows about the event is read under `_meta`. */
  constructor(data: Data, meta?: Meta) {
    this.#root = data;
    this.#meta = meta;
  }

  /** A draft of an event. Of a record that is not parsed, it reads only what is needed. */
  static of(event: Event): Draft {
    const members = membersOf(event);
    const draft = new Draft(members ? members.values : event.data, event.meta);
    draft.#event = event;
    draft.#members = members;
    return draft;
  }

  /** The event with what was changed: the event itself if that is nothing. Only for a draft that was made with `of`. */
  get event(): Event {
    const event = this.#event!;
    if (!this.#members) return this.#root === event.data ? event : withData(event, this.#root);
    return this.#isChanged ? new EditedRecord(event.meta, recordOf(event)!, this.#members) : event;
  }

  get data(): Data {
    this.#readAll();
    return this.#root;
  }

  /** The data with `_meta`, for what reads fields by itself. */
  get readable(): Data {
    return this.#meta ? withMeta(this.data, this.#meta) : this.data;
  }

  /** The value at a path, which may be an object or an array; undefined if there is none. */
  get(path: WritePath): unknown {
    const { segments } = path;
    this.#read(path);
    const isMeta = segments[0] === metaField && this.#meta !== undefined;
    const found = valueAt(isMeta ? withMeta(this.#root, this.#meta!) : this.#root, path, 0);
    return found === nothing ? undefined : found;
  }

  /** Throws a `WriteError` if the path leads through a value that is no object, or the data would be nested too deep. */
  set(path: WritePath, value: unknown): void {
    this.#read(path);
    if (path.segments.length === 1) {
      if (isDeeperThan(value, maxDepth - 1)) throw tooDeep(path.text);
      put(this.#writable(noKeys), path.segments[0]!, value);
      return;
    }
    const place = find(this.#root, path, 0) ?? this.#missing(path);
    if (isDeeperThan(value, maxDepth - place.keys.length - 1)) throw tooDeep(path.text);
    put(this.#writable(place.keys), place.key, value);
  }

  /** Sets a value where there is none. False if there is one, or if a value that is no object is in the way. */
  add(path: WritePath, value: unknown): boolean {
    if (this.get(path) !== undefined) return false;
    try {
      this.set(path, value);
      return true;
    } catch (error) {
      if (error instanceof WriteError) return false;
      throw error;
    }
  }

  /** Removes the value at a path; false if there is none. */
  remove(path: WritePath): boolean {
    const place = this.#find(path);
    if (!place) return false;
    const holder = this.#writable(place.keys);
    if (Array.isArray(holder)) holder.splice(Number(place.key), 1);
    else delete holder[place.key];
    if (place.keys.length === 0) this.#members?.removed(place.key);
    return true;
  }

  /** Removes the value at a path, in all places if its dots are nesting in one and part of a key in another. */
  removeAll(path: WritePath): void {
    for (let place = this.#find(path); place; place = this.#find(path)) {
      this.remove(path);
      // What comes after an item moves to its place.
      if (Array.isArray(place.holder)) return;
    }
  }

  /** The event as it is now, for `restore`. */
  snapshot(): Snapshot {
    this.#own = undefined;
    return { root: this.#root, members: this.#members?.copy(), isChanged: this.#isChanged };
  }

  /** Replaces everything. Throws a `WriteError` if it is nested too deep. */
  replace(data: Data): void {
    if (isDeeperThan(data, maxDepth)) throw tooDeep("the event");
    this.restore({ root: data, members: undefined, isChanged: true });
  }

  /** Brings back what `snapshot` returned. */
  restore({ root, members, isChanged }: Snapshot): void {
    this.#members = members?.copy();
    this.#root = this.#members?.values ?? root;
    this.#isChanged = isChanged;
    this.#own = undefined;
  }

  #find(path: WritePath): Place | undefined {
    this.#read(path);
    return find(this.#root, path, 0);
  }

  /** Parses the members with which a path can begin. */
  #read({ keys: [beginnings], quoted }: WritePath): void {
    const members = this.#members;
    if (members) for (let index = 0; index < quoted.length; index++) members.load(beginnings![index]!, quoted[index]!);
  }

  /** Parses everything. */
  #readAll(): void {
    const members = this.#members;
    if (!members) return;
    const event = this.#event!;
    this.#members = undefined;
    this.#root = this.#isChanged ? members.data(recordOf(event)!.data) : event.data;
    if (this.#isChanged) this.#own?.add(this.#root);
  }

  /** Adds the objects that are missing on the way to a path. */
  #missing(path: WritePath): Place {
    const { segments } = path;
    const deep = deepest(this.#root, segments);
    const { keys } = deep;
    let { from } = deep;
    let holder = this.#writable(keys);
    for (; from < segments.length - 1; from++) {
      const key = segments[from]!;
      if (Array.isArray(holder)) throw noIndex(path, from);
      const made = {};
      this.#own!.add(made);
      put(holder, key, made);
      keys.push(key);
      holder = made;
    }
    const key = segments[from]!;
    if (Array.isArray(holder) && !isIndex(key, holder.length)) throw noIndex(path, from);
    return { keys, holder, key };
  }

  /** The container at these keys, as a copy of its own. */
  #writable(keys: readonly string[]): Holder {
    this.#own ??= new Set();
    // The values of members belong to nobody else.
    let holder = (this.#members ? this.#root : this.#owned(this.#root)) as Holder;
    this.#root = holder as Data;
    this.#isChanged = true;
    for (const key of keys) {
      const inner = this.#owned((holder as Record<string, unknown>)[key]);
      put(holder, key, inner);
      holder = inner;
    }
    return holder;
  }

  #owned(value: unknown): Holder {
    if (this.#own!.has(value as object)) return value as Holder;
    const copy = Array.isArray(value) ? [...value] : { ...(value as Record<string, unknown>) };
    this.#own!.add(copy);
    return copy;
  }
}

/** What `Draft.snapshot` returns. */
interface Snapshot {
  readonly root: Data;
  readonly members: RecordMembers | undefined;
  readonly isChanged: boolean;
}

const noKeys: readonly string[] = [];

const isIndex = (key: string, length: number): boolean => /^(?:0|[1-9]\d{0,8})$/.test(key) && Number(key) < length;

/** What `valueAt` returns if there is no value: what is there may be undefined. */
const nothing = Symbol("nothing");

/** The value at a path, from a segment on: the one with the shortest keys first. */
const valueAt = (holder: unknown, path: WritePath, from: number): unknown => {
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
const find = (holder: unknown, path: WritePath, from: number): Place | undefined => {
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
const deepest = (root: Data, segments: readonly string[]): { keys: string[]; from: number } => {
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

const tooDeep = (name: string): WriteError =>
  new WriteError(`"${name}" would be nested deeper than ${maxDepth} levels of objects and arrays, which is the limit`);

const noIndex = ({ text, segments }: WritePath, from: number): WriteError =>
  new WriteError(
    `"${text}" cannot be written, because "${segments.slice(0, from).join(".")}" is an array without "${segments[from]}"`,
  );
