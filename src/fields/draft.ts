import { type Event, type Meta, withData } from "../event.ts";
import { type Data, isDeeperThan, maxDepth } from "../json.ts";
import { metaField, withMeta } from "../origin/meta-view.ts";
import { EditedRecord, membersOf, recordOf } from "../record-event.ts";
import type { RecordMembers } from "../record-members.ts";
import { put } from "./members.ts";
import {
  deepest,
  find,
  type Holder,
  isIndex,
  noIndex,
  nothing,
  type Place,
  tooDeep,
  valueAt,
  WriteError,
  type WritePath,
} from "./write-path.ts";

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

  /** The members whose names are one of these first names of fields, or begin with one and a dot; perhaps others, too. */
  part(heads: readonly string[]): Data {
    return this.#members ? this.#members.part(heads) : this.#root;
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
