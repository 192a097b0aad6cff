import { put } from "./fields/members.ts";
import type { Data } from "./json.ts";
import { lastOutline, type Outline, scanText } from "./json-text.ts";
import { parseJson } from "./parse-json.ts";

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
  /** By member of the record: its name and its value if it is parsed. */
  readonly #names: string[];
  readonly #parsed: unknown[];

  constructor(record: Outlined, from?: RecordMembers) {
    this.#record = record;
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
    const { text, outline } = this.#record;
    for (let at = 0; at < outline.length; at += 4) {
      const start = outline[at]!;
      if (outline[at + 1]! - start !== quoted.length || !text.startsWith(quoted, start)) continue;
      const index = at >> 2;
      if (this.#parsed[index] !== undefined) return;
      const value = parsedPart(text, outline[at + 2]!, outline[at + 3]!);
      this.#names[index] = name;
      this.#parsed[index] = value;
      put(this.values, name, value);
      return;
    }
  }

  /** Call it when a member has been removed from `values`: if it is added again, it is a new one. */
  removed(name: string): void {
    const index = this.#names.indexOf(name);
    if (index < 0) return;
    this.#parsed[index] = gone;
    delete this.#names[index];
  }

  /** The members whose names are one of these heads, or begin with one and a dot. */
  part(heads: readonly string[]): Data {
    const part: Record<string, unknown> = {};
    const { text, outline } = this.#record;
    for (let at = 0; at < outline.length; at += 4) {
      if (!isHeaded(text, outline[at]! + 1, heads)) continue;
      const parsed = this.#parsed[at >> 2];
      if (parsed === gone) continue;
      const name = nameAt(text, outline, at);
      put(part, name, parsed === undefined ? valueAt(text, outline, at) : this.values[name]);
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

  /** All members as JSON, on one line. Throws what JSON.stringify throws for a changed value. */
  write(): string {
    const { text, outline } = this.#record;
    const line = new Line(text);
    for (let at = 0; at < outline.length; at += 4) {
      const parsed = this.#parsed[at >> 2];
      if (parsed === gone) continue;
      const now = parsed === undefined ? undefined : this.values[this.#names[at >> 2]!];
      if (parsed === now) line.keep(outline[at]!, outline[at + 3]!);
      else line.add(text.slice(outline[at], outline[at + 1]), now);
    }
    line.addAll(this.#added());
    return line.end();
  }

  /** All members, those that were not parsed from `whole`, which is what the record says. */
  data(whole: Data): Data {
    const data: Record<string, unknown> = { ...whole };
    for (const [index, parsed] of this.#parsed.entries()) {
      if (parsed === undefined) continue;
      const { outline, text } = this.#record;
      const name = JSON.parse(text.slice(outline[index * 4], outline[index * 4 + 1])) as string;
      if (parsed === gone) delete data[name];
      else if (this.values[name] !== parsed) put(data, name, this.values[name]);
    }
    const added = this.#added();
    for (const name in added) put(data, name, added[name]);
    return data;
  }
}

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
  const line = new Line(text);
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

/** An object that is put together of members of a record and others. */
class Line {
  readonly #text: string;
  #line = "";
  /** The members of the record that come next: they are copied together. */
  #from = -1;
  #to = -1;

  constructor(text: string) {
    this.#text = text;
  }

  /** Adds a member as it is in the record. */
  keep(from: number, to: number): void {
    if (this.#from >= 0 && follows(this.#text, this.#to, from)) this.#to = to;
    else {
      this.#flush();
      this.#from = from;
      this.#to = to;
    }
  }

  /** Adds a member, unless JSON has no such value. */
  add(quoted: string, value: unknown): void {
    const json: string | undefined = JSON.stringify(value);
    if (json === undefined) return;
    this.#flush();
    this.#line += this.#line === "" ? `{${quoted}:${json}` : `,${quoted}:${json}`;
  }

  /** Adds all members of an object. */
  addAll(members: Data): void {
    const json = JSON.stringify(members);
    if (json === "{}") return;
    this.#flush();
    this.#line += this.#line === "" ? json.slice(0, -1) : `,${json.slice(1, -1)}`;
  }

  end(): string {
    this.#flush();
    return this.#line === "" ? "{}" : `${this.#line}}`;
  }

  #flush(): void {
    if (this.#from < 0) return;
    this.#line += (this.#line === "" ? "{" : ",") + this.#text.slice(this.#from, this.#to);
    this.#from = -1;
  }
}

/** Whether only a comma and white space are between two members. */
const follows = (text: string, end: number, start: number): boolean => {
  if (start <= end) return false;
  for (let at = end; at < start; at++) if (text.charCodeAt(at) > 0x20 && text.charCodeAt(at) !== 0x2c) return false;
  return true;
};

const quote = 0x22;
const dot = 0x2e;

/** The value in a part of a text that is JSON. */
const parsedPart = (text: string, start: number, end: number): unknown => {
  if (text.charCodeAt(start) !== quote) return parseJson(text.slice(start, end));
  const inner = text.slice(start + 1, end - 1);
  return inner.includes("\\") ? JSON.parse(text.slice(start, end)) : inner;
};
