import { put } from "./fields/members.ts";
import type { Data } from "./json.ts";
import { lastOutline, type Outline, scanText } from "./json-text.ts";
import { parseJson } from "./parse-json.ts";
import { RecordLine } from "./record-line.ts";

/** The outline of a record's text; undefined if names of its members repeat or have escapes, or if it has very many. */
export const outlineOf = (text: string): Outline | undefined =>
  scanText(text) === "distinct" ? lastOutline(text) : undefined;

/** A text of JSON on one line, with the outline of its object. */
export interface Outlined {
  readonly text: string;
  readonly outline: Outline;
}

/** What stands for a member that was removed from where the record had it. */
const gone = Symbol("gone");

/**
 * The members of a record of which only those that somebody needs are parsed. What was not changed is written as it is in the
 * record.
 */
export class RecordMembers {
  /** The members that are parsed and not removed, and those that were added. Whoever changes it changes the members. */
  values: Record<string, unknown> = {};
  readonly #record: Outlined;
  /** Which names the record may have: see `signOf`. */
  readonly #signs: number;
  /** The members that are parsed: which member of the record each is, its name unless it was removed, and its value or `gone`. */
  readonly #indexes: number[];
  readonly #names: (string | undefined)[];
  readonly #parsed: unknown[];

  constructor(record: Outlined, from?: RecordMembers) {
    this.#record = record;
    this.#signs = from ? from.#signs : signsOf(record);
    this.#indexes = from ? [...from.#indexes] : [];
    this.#names = from ? [...from.#names] : [];
    this.#parsed = from ? [...from.#parsed] : [];
    if (from) this.values = { ...from.values };
  }

  /** The same members, to be changed by themselves. */
  copy(): RecordMembers {
    return new RecordMembers(this.#record, this);
  }

  /** Parses the member of this name, if it is not parsed yet. `quoted`: the name as JSON writes it. */
  load(name: string, quoted: string): void {
    if ((this.#signs & signOf(quoted.charCodeAt(1), quoted.length)) === 0 || this.#names.includes(name)) return;
    const { text, outline } = this.#record;
    for (let at = 0; at < outline.length; at += 4) {
      const start = outline[at]!;
      if (outline[at + 1]! - start !== quoted.length || !text.startsWith(quoted, start)) continue;
      if (this.#indexes.includes(at >> 2)) return;
      const value = valueAt(text, outline, at);
      this.#indexes.push(at >> 2);
      this.#names.push(name);
      this.#parsed.push(value);
      put(this.values, name, value);
      return;
    }
  }

  /** Call it when a member has been removed from `values`: if it is added again, it is a new one. */
  removed(name: string): void {
    const index = this.#names.indexOf(name);
    if (index < 0) return;
    this.#parsed[index] = gone;
    this.#names[index] = undefined;
  }

  /** The members whose names are one of these heads, or begin with one and a dot. */
  part(heads: readonly string[]): Data {
    const part: Record<string, unknown> = {};
    const { text, outline } = this.#record;
    for (let at = 0; at < outline.length; at += 4) {
      if (!isHeaded(text, outline[at]! + 1, heads)) continue;
      const index = this.#indexes.indexOf(at >> 2);
      if (index >= 0 && this.#parsed[index] === gone) continue;
      const name = nameAt(text, outline, at);
      put(part, name, index < 0 ? valueAt(text, outline, at) : this.values[name]);
    }
    const added = this.#added();
    for (const name in added) if (isHeaded(`${name}"`, 0, heads)) put(part, name, added[name]);
    return part;
  }

  /** The members that the record does not have. */
  #added(): Data {
    const added: Record<string, unknown> = {};
    for (const name in this.values) if (!this.#names.includes(name)) put(added, name, this.values[name]);
    return added;
  }

  /** The members that are not as in the record, as places in `#indexes`, in the order of the record. */
  #changed(): number[] {
    const changed: number[] = [];
    for (let place = 0; place < this.#indexes.length; place++)
      if (this.#parsed[place] === gone || this.#parsed[place] !== this.values[this.#names[place]!]) changed.push(place);
    return changed.length > 1 ? changed.sort((a, b) => this.#indexes[a]! - this.#indexes[b]!) : changed;
  }

  /** All members as JSON, on one line. Throws what JSON.stringify throws for a changed value. */
  write(): string {
    const { text, outline } = this.#record;
    const line = new RecordLine(text);
    let next = 0;
    const keepUpTo = (index: number) => {
      // Between members there is nothing but commas and white space.
      if (next < index) line.keep(outline[next * 4]!, outline[index * 4 - 1]!);
    };
    for (const place of this.#changed()) {
      const index = this.#indexes[place]!;
      keepUpTo(index);
      next = index + 1;
      if (this.#parsed[place] === gone) continue;
      line.add(text.slice(outline[index * 4], outline[index * 4 + 1]), this.values[this.#names[place]!]);
    }
    keepUpTo(outline.length >> 2);
    line.addAll(this.#added());
    return line.end();
  }

  /** All members, those that were not parsed from `whole`, which is what the record says. */
  data(whole: Data): Data {
    const { text, outline } = this.#record;
    const data: Record<string, unknown> = { ...whole };
    for (const place of this.#changed()) {
      const name = nameAt(text, outline, this.#indexes[place]! * 4);
      if (this.#parsed[place] === gone) delete data[name];
      else put(data, name, this.values[name]);
    }
    const added = this.#added();
    for (const name in added) put(data, name, added[name]);
    return data;
  }
}

/** A bit for the names of this length, quotes included, that begin with this character. */
const signOf = (first: number, length: number): number => 1 << (first + 11 * length);

const signsOf = ({ text, outline }: Outlined): number => {
  let signs = 0;
  for (let at = 0; at < outline.length; at += 4)
    signs |= signOf(text.charCodeAt(outline[at]! + 1), outline[at + 1]! - outline[at]!);
  return signs;
};

/** The members of a record whose names are one of these heads, or begin with one and a dot. */
export const partOfRecord = ({ text, outline }: Outlined, heads: readonly string[]): Data => {
  const part: Record<string, unknown> = {};
  for (let at = 0; at < outline.length; at += 4)
    if (isHeaded(text, outline[at]! + 1, heads)) put(part, nameAt(text, outline, at), valueAt(text, outline, at));
  return part;
};

/** Whether the name at `at`, which a quote ends, is one of these heads, or begins with one and a dot. */
const isHeaded = (text: string, at: number, heads: readonly string[]): boolean => {
  for (let index = 0; index < heads.length; index++) {
    const head = heads[index]!;
    if (!text.startsWith(head, at)) continue;
    const next = text.charCodeAt(at + head.length);
    if (next === quote || next === dot) return true;
  }
  return false;
};

/** A name in an outline has no escapes. */
const nameAt = (text: string, outline: Outline, at: number): string =>
  text.slice(outline[at]! + 1, outline[at + 1]! - 1);

const valueAt = (text: string, outline: Outline, at: number): unknown =>
  parsedPart(text, outline[at + 2]!, outline[at + 3]!);

/** `data` as JSON on one line, in which members that `whole`, what the record says, has too are as they are in the record. */
export const writtenAs = ({ text, outline }: Outlined, whole: Data, data: Data): string => {
  const line = new RecordLine(text);
  let others: Record<string, unknown> = {};
  let next = 0;
  for (const name in data) {
    const at = isKept(whole, data, name) ? memberAt(text, outline, name, next) : -1;
    if (at < 0) put(others, name, data[name]);
    else {
      line.addAll(others);
      others = {};
      line.keep(outline[at]!, outline[at + 3]!);
      next = at + 4;
    }
  }
  line.addAll(others);
  return line.end();
};

/** Whether `data` has a member that is the same in `whole`. */
export const keepsSome = (whole: Data, data: Data): boolean =>
  Object.keys(data).some((name) => isKept(whole, data, name));

const isKept = (whole: Data, data: Data, name: string): boolean =>
  Object.hasOwn(whole, name) && whole[name] === data[name];

/** The place of a member in the outline, which is most likely `next`; -1 if there is none. */
const memberAt = (text: string, outline: Outline, name: string, next: number): number => {
  if (next < outline.length && hasName(text, outline, next, name)) return next;
  for (let at = 0; at < outline.length; at += 4) if (hasName(text, outline, at, name)) return at;
  return -1;
};

const hasName = (text: string, outline: Outline, at: number, name: string): boolean =>
  outline[at + 1]! - outline[at]! === name.length + 2 && text.startsWith(name, outline[at]! + 1);

const quote = 0x22;
const dot = 0x2e;

/** The value in a part of a text that is JSON. */
const parsedPart = (text: string, start: number, end: number): unknown => {
  if (text.charCodeAt(start) !== quote) return parseJson(text.slice(start, end));
  const inner = text.slice(start + 1, end - 1);
  return inner.includes("\\") ? JSON.parse(text.slice(start, end)) : inner;
};
