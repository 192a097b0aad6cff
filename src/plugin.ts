import type { OperatorFunction } from "rxjs";
import type { Batch } from "./batch.ts";
import type { Clock } from "./clock.ts";
import type { Event } from "./event.ts";
import type { Json } from "./json.ts";
import type { Config, Options } from "./option.ts";
import type { State } from "./state.ts";

/** A component's log; the host adds the component's id and type to each line. */
export interface Log {
  debug(message: string, fields?: Readonly<Record<string, unknown>>): void;
  info(message: string, fields?: Readonly<Record<string, unknown>>): void;
  warn(message: string, fields?: Readonly<Record<string, unknown>>): void;
  error(message: string, fields?: Readonly<Record<string, unknown>>): void;
}

/** Powers that every component has. What is not in its context, a plugin does not do; time comes from `clock` only. */
export interface Context<C> {
  /** Id of the component in its pipeline. */
  readonly id: string;
  readonly config: C;
  readonly clock: Clock;
  /** Aborts when the component is to stop: a source stops reading, a sink gives up waiting. */
  readonly signal: AbortSignal;
  readonly log: Log;
  /** Counts a request or a message that was not taken, for the metrics; `reason` is a short, stable word. */
  readonly refused?: ((reason: string) => void) | undefined;
}

interface Described<O extends Options> {
  /** As written under `type:` in a pipeline: snake_case. */
  readonly name: string;
  /** One sentence, for lists and the reference page. */
  readonly summary: string;
  readonly options: O;
  /** Markdown for the reference page: what a user must know beyond the options. */
  readonly notes?: string;
}

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

export interface TransformContext<C> extends Context<C> {
  /** This component's own key space; see `State`. Only for transforms that say `stateful`. */
  readonly state: State;
}

/** Batches in, batches out: `create` returns an RxJS operator. */
export interface Transform<O extends Options = Options> extends Described<O> {
  /** It sees batches in commit order, and what it writes to `state` is committed with the batch. */
  readonly stateful?: boolean;
  create(context: TransformContext<Config<O>>): OperatorFunction<Batch, Batch>;
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

/** Thrown by a write of which nothing was delivered, to say more than an error can. */
export class DeliveryError extends Error {
  /** None of the events will ever be taken: they go to the dead letter. */
  readonly final: boolean;
  /** How long the receiver asks to be left alone, in milliseconds. */
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
}

/** What became of a write. Nothing returned means that every event is delivered. */
export interface Outcome {
  /** The events that were not delivered; all others were. */
  readonly failed?: readonly Failure[];
  /** Kept with the delivered position and given back as `recorded` after a restart. */
  readonly record?: Json;
}

export interface SinkContext<C> extends Context<C> {
  /** What the last recorded write of this sink said; `undefined` at the very first start. */
  readonly recorded: Json | undefined;
}

/** A sink, opened: it settles one batch with each write. A rejection means that nothing of the batch was delivered. */
export interface Writer {
  /** `signal` aborts when the attempt has taken too long: the write must then reject soon. */
  write(events: readonly Delivery[], signal: AbortSignal): Promise<Outcome | undefined>;
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

// biome-ignore lint/suspicious/noExplicitAny: a list of plugins has options of every shape; each create() is typed by its own.
type Erased = any;
export type Plugin =
  | ({ readonly kind: "source" } & Source<Erased>)
  | ({ readonly kind: "transform" } & Transform<Erased>)
  | ({ readonly kind: "sink" } & Sink<Erased>);

/** Describes a source plugin; importing the result does nothing. */
export const defineSource = <const O extends Options>(source: Source<O>) => ({ kind: "source", ...source }) as const;
/** Describes a transform plugin; importing the result does nothing. */
export const defineTransform = <const O extends Options>(transform: Transform<O>) =>
  ({ kind: "transform", ...transform }) as const;
/** Describes a sink plugin; importing the result does nothing. */
export const defineSink = <const O extends Options>(sink: Sink<O>) => ({ kind: "sink", ...sink }) as const;
