import type { Context, Described } from "./context.ts";
import type { Event } from "./event.ts";
import type { Json } from "./json.ts";
import type { Config, Options } from "./option/option.ts";
import type { Transform } from "./transform/transform.ts";

export type { Context, Log } from "./context.ts";

export type Framing = "newline" | "whole" | "items";
export type Codec = "json" | "text";

/** How far a stream has been read and committed. */
export interface Checkpoint {
  /** Byte offset of the first record that is not committed. */
  readonly position: number;
  /** What the source said of the stream in its readings: how it finds the stream again. */
  readonly detail: Json;
}

/** Bytes of one stream, in order and without gaps, as a source hands them to the host's decoder. */
export interface Reading {
  /** Names the stream: the source mints the id at first sight and finds it again in its checkpoints. */
  readonly stream: string;
  /** Byte offset of `bytes[0]` in the stream. */
  readonly position: number;
  /** May be empty, for a reading that only tells `end`, `forget` or a new `detail`. The host is done with it, or has
   *  copied what it keeps, when it asks for the next reading: one reused block is enough. */
  readonly bytes: Uint8Array;
  /** Kept with the checkpoint and given back after a restart. Without it the last one stays. It holds from the reading's
   *  first event on: what may hold only when all of them are committed, such as a cursor, goes into a reading after it. */
  readonly detail?: Json;
  /** No more bytes will come: an unterminated last record is a whole record. */
  readonly end?: boolean;
  /** The checkpoint is dropped with the commit of this reading: the stream is gone for good. */
  readonly forget?: boolean;
  /** A stream of one reading, such as a request or a message: whole in itself, and without a checkpoint. Its id has to
   *  be the same when a client sends it again, such as a digest of it: the ids of its events are made from it. */
  readonly once?: boolean;
  /** How the bytes of this stream are cut and read, in place of the component's own. `items`: a JSON array is
   *  cut into its elements, and so is a Kubernetes list, whose items take over its `apiVersion` and its `kind` without
   *  `List`; the option `split_items` says what else is a list. */
  readonly framing?: Framing;
  readonly codec?: Codec;
  /** Called once: the reading's events are committed, or never will be by this process. */
  readonly settled?: (outcome: "committed" | "abandoned") => void;
}

export interface SourceContext<C> extends Context<C> {
  /** The committed checkpoints of this source, by stream, as they were when it started. */
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
}

/** What `offer` answers: taken (and then settled through the reading), or no room now. */
export type Offer = "accepted" | "full";

/**
 * Brings bytes in. A pulled source has `read`: the host asks for the next reading only while there is room, and that is
 * the backpressure. A pushed source (a server) has `listen`: it calls `offer`, which answers at once.
 */
export interface Source<O extends Options = Options> extends Described<O> {
  /** What the decoder does unless the pipeline says otherwise. */
  readonly decoding?: { readonly codec?: Codec; readonly framing?: Framing };
  /** False: what was read is gone, and cannot be read again after a restart. */
  readonly replays?: boolean;
  read?(context: SourceContext<Config<O>>): AsyncIterable<Reading>;
  /** Runs until `context.signal` aborts; ending earlier ends the source. */
  listen?(context: SourceContext<Config<O>>, offer: (reading: Reading) => Offer): Promise<void>;
}

/** An event as a sink gets it: from disk, so its data is text until somebody asks for it. */
export interface Delivery {
  readonly id: string;
  /** The event's data as one line of JSON. */
  readonly json: string;
  readonly data: Event["data"];
  readonly meta: Event["meta"];
}

/** An event, by its index in the batch, that was not delivered. */
export interface Failure {
  readonly index: number;
  readonly message: string;
  /** It never will be: it goes to the dead letter. */
  readonly final: boolean;
}

/** Marks delivery errors of every copy of this package: `instanceof` knows those of one copy only. */
const deliveryError = Symbol.for("weir.DeliveryError");

/** Thrown by a write that delivered nothing, to say more than a plain error can. */
export class DeliveryError extends Error {
  /** The receiver will never accept any of the events: they go to the dead letter. */
  readonly final: boolean;
  /** How long the receiver asks weir to wait, in milliseconds. */
  readonly retryAfter: number | undefined;

  constructor(
    message: string,
    { final = false, retryAfter }: { final?: boolean; retryAfter?: number | undefined } = {},
  ) {
    super(message);
    this.name = "DeliveryError";
    this.final = final;
    this.retryAfter = retryAfter;
  }

  get [deliveryError](): true {
    return true;
  }
}

/** Whether a value is a `DeliveryError`, of this copy of the package or another. */
export const isDeliveryError = (value: unknown): value is DeliveryError =>
  value instanceof Error && (value as { readonly [deliveryError]?: unknown })[deliveryError] === true;

/** The result of a write. A write that returns nothing has delivered every event. */
export interface Outcome {
  /** The events that were not delivered, each once; all others were. */
  readonly failed?: readonly Failure[];
  /** Kept with the delivered position and given back as `recorded` after a restart. */
  readonly record?: Json;
}

export interface SinkContext<C> extends Context<C> {
  /** What the last recorded write of this sink said; `undefined` at the very first start. */
  readonly recorded: Json | undefined;
}

/** An open sink. Each write delivers one batch; one that rejects has delivered none of it. */
export interface Writer {
  /**
   * `signal` aborts when the attempt has taken too long: the write must then reject. One that is still running 5 seconds
   * later counts as failed, and its result is ignored.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a write that returns nothing is an async function without a return.
  write(events: readonly Delivery[], signal: AbortSignal): Promise<Outcome | undefined | void>;
  close?(): Promise<void>;
}

/**
 * Delivers events. Batching, retry, time limits, order, concurrency and the buffer are the host's: a sink only writes.
 */
export interface Sink<O extends Options = Options> extends Described<O> {
  /** What the host does unless the pipeline says otherwise. */
  readonly delivery?: {
    /** Writes under way at a time. `1` and no option for it where order matters, or the record says how far it got. */
    readonly concurrency?: number | "one";
    /** A batch is written when it has so many events or bytes, or its first event has waited so long (milliseconds). */
    readonly batch?: { readonly maxEvents?: number; readonly maxSize?: number; readonly timeout?: number };
  };
  /** Hands events to whoever listens at the moment: they come from memory, after their commit, and hold up nobody. */
  readonly live?: boolean;
  open(context: SinkContext<Config<O>>): Promise<Writer> | Writer;
  /** Whether the receiver can be reached, asked at start; rejects with what is wrong. */
  check?(context: Context<Config<O>>): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of plugins has options of every shape; each is typed by its own.
type Erased = any;

/** The contract between plugin and host, as a number: `define…` writes it into a plugin, and the host checks it. */
export const api = 1;

export interface Defined<Kind extends string> {
  readonly kind: Kind;
  readonly api: typeof api;
}

export type Plugin =
  | (Defined<"source"> & Source<Erased>)
  | (Defined<"transform"> & Transform<Erased>)
  | (Defined<"sink"> & Sink<Erased>);

/** Describes a source plugin; importing the result does nothing. */
export const defineSource = <const O extends Options>(source: Source<O>) =>
  ({ kind: "source", api, ...source }) as const;
/** Describes a transform plugin in one of the three shapes; importing the result does nothing. */
export const defineTransform = <const O extends Options, const T extends Transform<O>>(
  transform: T & Transform<O>,
): T & Defined<"transform"> => ({ kind: "transform", api, ...transform });
/** Describes a sink plugin; importing the result does nothing. */
export const defineSink = <const O extends Options>(sink: Sink<O>) => ({ kind: "sink", api, ...sink }) as const;
