import type { Data } from "./json.ts";
import { hasDistinctNames } from "./json-text.ts";
import { type ParsedJson, surveyedJson } from "./parse-json.ts";
import { soundData } from "./sound-data.ts";

/** What the host knows about an event besides its data. */
export interface Meta {
  /** Id of the source component that read it. */
  readonly source: string;
  /** Which of the source's streams (a file, a connection, a partition) it came from. */
  readonly stream: string;
  /** Byte offset of its record in the stream. */
  readonly position: number;
  /** The host's timestamp: when it received the event, in milliseconds since 1970. It never runs backwards. */
  readonly ingested: number;
  /** What the source says about where the record is from, with ECS names: `log.file.path`, `kubernetes.pod.name`. */
  readonly origin?: Data | undefined;
  /** Deterministic: the same event read again has the same id. Computed on first use. */
  readonly id: string;
  /** The meta of the event that this one was made from under its own id; `undefined` for an event as it was read. */
  readonly parent?: Meta | undefined;
}

/** One thing that happened. `data` is one JSON object with ECS names; nothing changes it in place. */
export interface Event {
  readonly data: Data;
  readonly meta: Meta;
}

/** Marks the meta of an event. Other copies of this package use the same mark. */
const brand = Symbol.for("weir.RecordMeta");

/** The position and time of one record. The id is `source/stream@position` unless a transform sets another. */
export class RecordMeta implements Meta {
  readonly source: string;
  readonly stream: string;
  readonly position: number;
  readonly ingested: number;
  readonly origin: Data | undefined;
  readonly parent: Meta | undefined;
  #id: string | (() => string) | undefined;

  /** Not enumerable: a spread copy, which would have no id, does not have the mark either. */
  get [brand](): true {
    return true;
  }

  constructor(
    source: string,
    stream: string,
    position: number,
    ingested: number,
    id?: string | (() => string),
    parent?: Meta,
    origin?: Data,
  ) {
    this.source = source;
    this.stream = stream;
    this.position = position;
    this.ingested = ingested;
    this.origin = origin;
    this.parent = parent;
    this.#id = id;
  }

  get id(): string {
    if (typeof this.#id === "string") return this.#id;
    this.#id = this.#id?.() ?? `${this.source}/${this.stream}@${this.position}`;
    return this.#id;
  }
}

/** Whether a meta was made by the host or by `withData`. */
export const isRecordMeta = (meta: unknown): meta is Meta =>
  typeof meta === "object" && meta !== null && (meta as { [brand]?: unknown })[brand] === true;

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

  /**
   * `text` is one object that JSON.parse accepts. `isFaithful`: it means exactly what `data` means, so it may be written
   * instead; undefined if that depends only on whether a name repeats, which is checked on the first write.
   */
  constructor(meta: Meta, text: string, isFaithful: boolean | undefined) {
    this.meta = meta;
    this.#text = text;
    this.#isFaithful = isFaithful;
  }

  /** The record's text on one line; undefined if it does not mean the same as `data`. */
  get text(): string | undefined {
    this.#isFaithful ??= hasDistinctNames(this.#text, this.members);
    return this.#isFaithful ? onOneLine(this.#text) : undefined;
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

  constructor(meta: Meta, text: string, isFaithful: boolean | undefined) {
    super(meta, text, isFaithful);
    this.#json = text;
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

/** In valid JSON a raw line end occurs only between tokens, where white space has no meaning. */
const onOneLine = (text: string): string => {
  const trimmed = text.trim();
  return trimmed.includes("\n") || trimmed.includes("\r") ? trimmed.replace(/[\r\n][\r\n\t ]*/g, "") : trimmed;
};

/**
 * The same event with other data. Without `id` it keeps its id. A transform that makes several events from one, or knows
 * the id that the source gave the event, passes the new id, or a function that is called only if the id is needed. If
 * `data` is the event's own, the new event keeps the text of the record.
 */
export const withData = (event: Event, data: Data, id?: string | (() => string)): Event => {
  const { meta } = event;
  const isRecord = event instanceof RecordEvent && event.data === data;
  if (id === undefined) return isRecord ? event : { data, meta };
  const own = new RecordMeta(meta.source, meta.stream, meta.position, meta.ingested, id, meta, meta.origin);
  return isRecord ? event.under(own) : { data, meta: own };
};

/** Why an event's data cannot be written as JSON: a sentence for people. */
export class NotJson {
  readonly message: string;

  constructor(message: string) {
    this.message = message;
  }
}

/**
 * An event's data as one line of JSON. An event that no transform changed is written as in its record, with the same
 * digits and order of members; any other event by JSON.stringify. Never throws.
 */
export const jsonOf = (event: Event): string | NotJson =>
  (event instanceof RecordEvent ? event.text : undefined) ?? written(event);

const written = (event: Event): string | NotJson => {
  try {
    const { data } = event;
    return stringified(data) ?? new NotJson(soundData(data) ?? "JSON.stringify does not return an object for the data");
  } catch (error) {
    return new NotJson(`the data cannot be read: ${(error as Error).message}`);
  }
};

/** Undefined if JSON.stringify fails, or returns something other than an object. */
const stringified = (data: unknown): string | undefined => {
  try {
    const text: string | undefined = JSON.stringify(data);
    return text?.startsWith("{") ? text : undefined;
  } catch {
    return undefined;
  }
};
