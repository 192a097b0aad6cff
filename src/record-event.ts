import { JoinedEvent } from "./joined-event.ts";
import type { Data } from "./json.ts";
import { hasDistinctNames, type Outline } from "./json-text.ts";
import type { Event, Meta } from "./meta.ts";
import { type ParsedJson, surveyedJson } from "./parse-json.ts";
import { keepsSome, type Outlined, outlineOf, partOfRecord, RecordMembers, writtenAs } from "./record-members.ts";

/**
 * An event that was read as one JSON object and keeps the text of its record. The text is a copy: an event never keeps
 * the block that its source read in memory.
 */
export abstract class RecordEvent implements Event {
  abstract readonly data: Data;
  /** The number of members of all objects in `data`. */
  abstract readonly members: number;
  readonly meta: Meta;
  readonly #text: string;
  #isFaithful: boolean | undefined;
  /** The text on one line, if it has been asked for. */
  #line: string | undefined;
  /** Where the members are in `#line`; null if that cannot be said. */
  #outline: Outline | null | undefined;

  /**
   * `text` is one object that JSON.parse accepts. `isFaithful`: it means exactly what `data` means, so it may be written
   * instead; undefined if that depends only on whether a name repeats, which is checked on the first write. `outline`: of the text,
   * if it is known. `isOneLine`: there are no line ends and no white space around the object.
   */
  constructor(meta: Meta, text: string, isFaithful: boolean | undefined, outline?: Outline, isOneLine = false) {
    this.meta = meta;
    this.#text = text;
    this.#isFaithful = isFaithful;
    this.#outline = outline;
    if (isOneLine) this.#line = text;
  }

  /** The record's text on one line; undefined if it does not mean the same as `data`. */
  get text(): string | undefined {
    this.#isFaithful ??= hasDistinctNames(this.#text, this.members);
    if (!this.#isFaithful) return undefined;
    if (this.#line === undefined) {
      this.#line = onOneLine(this.#text);
      if (this.#line.length !== this.#text.length) this.#outline = undefined;
    }
    return this.#line;
  }

  /** The same with the places of its members; undefined if that cannot be said. */
  get outlined(): Outlined | undefined {
    const { text } = this;
    if (text === undefined) return undefined;
    if (this.#outline === undefined) this.#outline = outlineOf(text) ?? null;
    return this.#outline === null ? undefined : { text, outline: this.#outline };
  }

  /** The same record under another id. */
  under(meta: Meta): RecordEvent {
    return new ParsedRecord(meta, this.#text, this.#isFaithful, this);
  }
}

/** A record that was parsed on admission. */
export class ParsedRecord extends RecordEvent {
  readonly data: Data;
  readonly members: number;

  constructor(
    meta: Meta,
    text: string,
    isFaithful: boolean | undefined,
    { data, members }: { readonly data: Data; readonly members: number },
  ) {
    super(meta, text, isFaithful);
    this.data = data;
    this.members = members;
  }
}

/** A record that was validated on admission: `data` is parsed when first read, and never throws. */
export class CheckedRecord extends RecordEvent {
  readonly #json: string;
  #parsed: ParsedJson | undefined;

  constructor(meta: Meta, text: string, isFaithful: boolean | undefined, outline?: Outline, isOneLine = false) {
    super(meta, text, isFaithful, outline, isOneLine);
    this.#json = text;
  }

  /** Whether `data` has been read. */
  get isParsed(): boolean {
    return this.#parsed !== undefined;
  }

  get data(): Data {
    this.#parsed ??= surveyedJson(this.#json);
    return this.#parsed.value as Data;
  }

  get members(): number {
    this.#parsed ??= surveyedJson(this.#json);
    return this.#parsed.members;
  }
}

/** A record with other data. Members that are still the same are written as they are in the record. */
export class ChangedRecord implements Event {
  readonly meta: Meta;
  readonly data: Data;
  readonly #record: RecordEvent;

  constructor(meta: Meta, data: Data, record: RecordEvent) {
    this.meta = meta;
    this.data = data;
    this.#record = record;
  }

  get record(): RecordEvent {
    return this.#record;
  }

  /** The data on one line; undefined if it is to be written by JSON.stringify. */
  get text(): string | undefined {
    const { record, data } = this;
    if (!isPlain(data) || !keepsSome(record.data, data)) return undefined;
    const { outlined } = record;
    return outlined && orNone(() => writtenAs(outlined, record.data, data));
  }
}

/** A record of which only some members were read, and changed. `data` is made when first read. */
export class EditedRecord implements Event {
  readonly meta: Meta;
  readonly record: RecordEvent;
  readonly edits: RecordMembers;
  #data: Data | undefined;

  constructor(meta: Meta, record: RecordEvent, edits: RecordMembers) {
    this.meta = meta;
    this.record = record;
    this.edits = edits;
  }

  get data(): Data {
    this.#data ??= this.edits.data(this.record.data);
    return this.#data;
  }

  /** The members whose names are one of these heads, or begin with one and a dot. */
  part(heads: readonly string[]): Data {
    return this.#data ?? this.edits.part(heads);
  }

  /** The data on one line; undefined if it is to be written by JSON.stringify. */
  get text(): string | undefined {
    return orNone(() => this.edits.write());
  }
}

/** The record that an event is, or was made from; undefined if it is not known. */
export const recordOf = (event: Event): RecordEvent | undefined => {
  if (event instanceof RecordEvent) return event;
  if (event instanceof JoinedEvent) return recordOf(event.first);
  return event instanceof ChangedRecord || event instanceof EditedRecord ? event.record : undefined;
};

/** The text of an unparsed record, with the positions of its members; `undefined` if it is better to parse everything. */
export const outlinedOf = (event: Event): Outlined | undefined =>
  event instanceof CheckedRecord && !event.isParsed ? event.outlined : undefined;

/** The members of a record that is not parsed, to read and change some of them; undefined if it is better to parse all. */
export const membersOf = (event: Event): RecordMembers | undefined => {
  if (event instanceof EditedRecord) return event.edits.copy();
  const outlined = outlinedOf(event);
  return outlined && new RecordMembers(outlined);
};

/**
 * What an event's data says below these first names of fields, for whoever reads only fields that begin with one of them. Of a
 * record that is not parsed, only these members are. It may have other members, too.
 */
export const partOf = (event: Event, heads: readonly string[]): Data => {
  if (event instanceof EditedRecord) return event.part(heads);
  const outlined = outlinedOf(event);
  return outlined ? partOfRecord(outlined, heads) : event.data;
};

/** Undefined if JSON.stringify fails: the reason is found out when the whole data is written. */
const orNone = (write: () => string): string | undefined => {
  try {
    return write();
  } catch {
    return undefined;
  }
};

/** Whether JSON.stringify would write the members of this object, and nothing else. */
const isPlain = (data: Data): boolean =>
  typeof data === "object" &&
  data !== null &&
  Object.getPrototypeOf(data) === Object.prototype &&
  typeof data["toJSON"] !== "function";

/** In valid JSON a raw line end occurs only between tokens, where white space has no meaning. */
const onOneLine = (text: string): string => {
  const trimmed = text.trim();
  return trimmed.includes("\n") || trimmed.includes("\r") ? trimmed.replace(/[\r\n][\r\n\t ]*/g, "") : trimmed;
};
