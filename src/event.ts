import type { Data } from "./json.ts";

/** What the host knows about an event, beside its data. */
export interface Meta {
  /** Id of the source component that read it. */
  readonly source: string;
  /** Which of the source's streams (a file, a connection, a partition) it came from. */
  readonly stream: string;
  /** Byte offset of its record in the stream. */
  readonly position: number;
  /** When the host took it in: milliseconds since 1970 by the host's clock; it never runs backwards. */
  readonly ingested: number;
  /** Deterministic: the same event read again has the same id. Computed when first asked for. */
  readonly id: string;
  /** Of the event that this one was made from under an id of its own; `undefined` for an event as it was read. */
  readonly parent?: Meta | undefined;
}

/** One thing that happened. `data` is one JSON object with ECS names; nothing changes it in place. */
export interface Event {
  readonly data: Data;
  readonly meta: Meta;
}

/** Marks the meta of an event, also one that another copy of this package made. */
const brand = Symbol.for("weir.RecordMeta");

/** The place and time of one record; its id is `source/stream@position` until a transform knows a better one. */
export class RecordMeta implements Meta {
  readonly source: string;
  readonly stream: string;
  readonly position: number;
  readonly ingested: number;
  readonly parent: Meta | undefined;
  #id: string | (() => string) | undefined;

  /** A copy by spreading does not have it: it would have no id either. */
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
  ) {
    this.source = source;
    this.stream = stream;
    this.position = position;
    this.ingested = ingested;
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
 * The same event with other data. Without `id` it keeps its id; a transform that makes several events of one, or
 * knows what the source calls the event, passes the new id, or a function that is called only if the id is needed.
 */
export const withData = (event: Event, data: Data, id?: string | (() => string)): Event => {
  const { meta } = event;
  if (id === undefined) return { data, meta };
  return { data, meta: new RecordMeta(meta.source, meta.stream, meta.position, meta.ingested, id, meta) };
};
