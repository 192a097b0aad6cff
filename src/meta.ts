import type { Data } from "./json.ts";

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

  /** Whether the id is that of the place: `source/stream@position`. */
  get hasPlaceAsId(): boolean {
    return this.#id === undefined;
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
