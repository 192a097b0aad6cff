import type * as codec from "./codec.ts";
import type { Context, Described } from "./context.ts";
import type { Event } from "./event.ts";
import type { Data, Json } from "./json.ts";
import type { Config, Options } from "./option/option.ts";
import type { MetricFamily } from "./telemetry/metric-family.ts";
import type { Transform } from "./transform/transform.ts";

export type { Context, Log } from "./context.ts";
export { DeliveryError, isDeliveryError } from "./delivery-error.ts";

export type Framing = "newline" | "octet_counting" | "whole" | "items";
export type CodecName = "json" | "text";

/** How far a stream has been read and committed. */
export interface Checkpoint {
  /** Byte offset of the first record that is not yet committed. */
  readonly position: number;
  /** What the source stored with its readings, to find the stream again. */
  readonly detail: Json;
  /** Used by the host: positions of later records that are also committed, by the name of what they belong to. */
  readonly beyond?: Readonly<Record<string, number>>;
}

/** One message of a stream, such as a record in a queue. */
export interface Part {
  /** Its position in the stream. The ids of its events are derived from the stream and the position. */
  readonly position: number;
  /** The message. The host applies framing and codec to it separately from the other parts. */
  readonly bytes: Uint8Array;
  /** Fields that say where it is from. Events have them under `_meta`, and also in their data, depending on the option `origin`. */
  readonly origin?: Data | undefined;
}

/** Bytes of one stream, in order and without gaps, as a source hands them to the host's decoder. */
export interface Reading {
  /** Identifies the stream: the source chooses the id when it first sees the stream, and finds it in its checkpoints. */
  readonly stream: string;
  /** Byte offset of `bytes[0]` in the stream. */
  readonly position: number;
  /** May be empty, in a reading that only carries `end`, `forget` or a new `detail`. When the host asks for the next
   *  reading, it no longer uses the bytes, so a source can reuse one block. */
  readonly bytes: Uint8Array;
  /** Messages that are decoded separately, instead of `bytes`. `position` is then where to continue after them. Their
   *  events form one batch, so pass a few hundred at a time. */
  readonly parts?: readonly Part[];
  /** Stored in the checkpoint, and available there after a restart. Without it, the previous one stays. It takes effect with
   *  the reading's first event. If it must not take effect before all of them are committed, put it into a separate reading
   *  after this one. If it must be committed together with them, as a cursor must, pass at most 256 events, and `settled`:
   *  such a reading is one batch. */
  readonly detail?: Json;
  /** No more bytes follow: an unterminated last record is complete. */
  readonly end?: boolean;
  /** The stream is gone permanently: its checkpoint is deleted in the commit of this reading. */
  readonly forget?: boolean;
  /** A stream that consists of one reading, such as a request or a message, and has no checkpoint. The ids of its events are
   *  derived from the stream's id. Use an id that stays the same when a client sends the reading again, such as a digest of the bytes. */
  readonly once?: boolean;
  /** How the bytes of this stream are cut and read, instead of the component's own decoding. `items`: a JSON array is
   *  cut into its elements, and a Kubernetes list into its items, which inherit its `apiVersion` and its `kind` without
   *  `List`. The option `split_items` says what else is a list. */
  readonly framing?: Framing;
  readonly codec?: CodecName;
  /** The bytes are text: use the component's codec, or `text` if that is `json`. `codec` takes precedence. */
  readonly isText?: boolean;
  /** The path of the file that the bytes are from. The host derives fields from it, such as `log.file.path`. */
  readonly path?: string;
  /** The symbolic link by which that file was found. */
  readonly link?: string | undefined;
  /**
   * Further fields that say where the bytes are from, such as labels of a pod; they count more than those of `path`. Records that end in
   * these bytes have them, and until the next reading with an `origin`, later ones, too. Keep the object while its fields are the same.
   */
  readonly origin?: Data | undefined;
  /** The address of the sender, such as `192.0.2.7:5514`. The host derives fields from it, such as `log.source.address`. */
  readonly peer?: string | undefined;
  /** The encoding of this stream, if its byte order mark says so and the bytes do not begin with it. The component's
   *  option takes precedence. */
  readonly encoding?: "utf-16le" | "utf-16be" | undefined;
  /**
   * Called once. `committed`: all of the reading is committed. `abandoned`: this process will never commit the rest of it.
   * `refused`, for a reading with `once`: what came before is committed, but more than 1,000 of its records could not be
   * decoded, and the rest was not read.
   */
  readonly settled?: (outcome: "committed" | "abandoned" | "refused") => void;
}

/** A line that weir logged. */
export interface LogLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly level: "debug" | "info" | "warn" | "error";
  /** Id of the component that logged it, or `weir`. */
  readonly component: string;
  readonly message: string;
  readonly fields?: Readonly<Record<string, unknown>> | undefined;
}

/** What weir says of itself, for sources that make events of it. */
export interface Inside {
  /** The counters of the run, named as in the metrics without `weir_`; under `components`, those of each component. */
  stats(): Readonly<Record<string, unknown>>;
  /**
   * Calls `take` for each line that is logged until `signal` aborts, but not for those of this source and of the components that get
   * its events: an event about an event would have no end. `take` must neither log nor throw.
   */
  followLog(take: (line: LogLine) => void, signal: AbortSignal): void;
}

export interface SourceContext<C> extends Context<C> {
  /** The committed checkpoints of this source when it started, by stream. */
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  /** How many files and connections the whole process may have open. A source may use only a part of them. */
  readonly descriptors: number;
  /**
   * Reports the progress of a source that ends when it has read everything: `bytes` of `total`. Call it at most a few times a
   * second. `total` may grow. Both may include what was read before a restart.
   */
  readonly progress?: ((progress: { readonly bytes: number; readonly total: number }) => void) | undefined;
  /** What weir says of itself; absent outside of a run. */
  readonly inside?: Inside | undefined;
  /** Globs of files that components after this source read as baselines. A source does not report these as skipped. */
  readonly baselines?: readonly string[] | undefined;
}

/** The answer of `offer`. `accepted`: the reading will be settled. `full`: there is no room now. */
export type Offer = "accepted" | "full";

/**
 * Brings bytes in. A pulled source has `read`: the host asks for the next reading only while there is room. This is the
 * backpressure. A pushing source, such as a server, has `listen`: it calls `offer`, which answers at once.
 */
export interface Source<O extends Options = Options> extends Described<O> {
  /** The default framing and codec, which the pipeline can override. */
  readonly decoding?: {
    /** The name of a codec that comes with weir. */
    readonly codec?: string;
    readonly framing?: Framing;
    /** The size limit of a record, as in a pipeline, such as `64KiB`; `16MiB` by default. */
    readonly max_line?: string;
  };
  /** False if the source cannot read the same bytes again after a restart. */
  readonly replays?: boolean;
  /** True if a reload may restart a source that does not replay. As in any restart, unread input is then lost. */
  readonly reloads?: boolean;
  read?(context: SourceContext<Config<O>>): AsyncIterable<Reading>;
  /** Runs until `context.signal` aborts. Returning earlier ends the source. */
  listen?(context: SourceContext<Config<O>>, offer: (reading: Reading) => Offer): Promise<void>;
}

/** An event as a sink receives it. It comes from disk, so `data` is parsed on first use. */
export interface Delivery {
  readonly id: string;
  /** The event's data as one line of JSON. */
  readonly json: string;
  /** The same in UTF-8, if weir already has it in this form. Do not change it. Reading `json` decodes it into a string. */
  readonly bytes?: Uint8Array | undefined;
  readonly data: Event["data"];
  readonly meta: Event["meta"];
}

/** An event that was not delivered, by its index in the batch. */
export interface Failure {
  readonly index: number;
  readonly message: string;
  /** True if the event can never be delivered: it goes to the dead letter. */
  readonly final: boolean;
}

/** The result of a write. A write that returns nothing has delivered every event. */
export interface Outcome {
  /** The events that were not delivered, each listed once. All others count as delivered. */
  readonly failed?: readonly Failure[];
  /** Stored with the delivered position. After a restart, it is in `recorded`. */
  readonly record?: Json;
}

export interface SinkContext<C> extends Context<C> {
  /** The last `record` that a write of this sink returned or saved; `undefined` at the very first start. */
  readonly recorded: Json | undefined;
  /**
   * Saves a `record` in the middle of a write, for what the sink must know after a crash during that write. Resolves when it
   * is on disk. Rejects if weir stops first, or if `signal` aborts: pass the signal of the write.
   */
  readonly save?: ((record: Json, signal?: AbortSignal) => Promise<void>) | undefined;
  /**
   * Reports a problem that stops delivery until a person fixes it, for `/ready` and `weir status`. Pass `undefined` when it is
   * resolved. Do not use it for a receiver that is temporarily down.
   */
  readonly trouble?: ((message: string | undefined) => void) | undefined;
  /**
   * Adds metrics to `/metrics` until the sink is closed: `read` is called at each scrape, and returns all metrics of the sink. Absent if
   * weir serves no metrics.
   */
  readonly metrics?: ((read: () => readonly MetricFamily[]) => void) | undefined;
}

/** An open sink. Each write delivers one batch. If it rejects, no event of the batch counts as delivered. */
export interface Writer {
  /**
   * `signal` aborts when the attempt has taken too long. The write must then reject. If it is still running 5 seconds later,
   * it counts as failed, and its result is ignored.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a write that returns nothing is an async function without a return.
  write(events: readonly Delivery[], signal: AbortSignal): Promise<Outcome | undefined | void>;
  /**
   * Called when a `record` that a write returned, or a later one, is on disk together with the delivered position: after a crash, the
   * events of that write do not come again. weir then commits after each write, so use it only if something depends on it.
   */
  recorded?(record: Json): void;
  close?(): Promise<void>;
}

/**
 * Delivers events. The host does batching, retries, time limits, order, concurrency and buffering; a sink only writes.
 */
export interface Sink<O extends Options = Options> extends Described<O> {
  /** Defaults for the host, which the pipeline can override. */
  readonly delivery?: {
    /** How many writes run at a time. Use `1`, without an option for it, if order matters or `record` is a position. */
    readonly concurrency?: number | "one";
    /** A batch is written when it has this many events or bytes, or its first event has waited this many milliseconds. */
    readonly batch?: { readonly maxEvents?: number; readonly maxSize?: number; readonly timeout?: number };
  };
  /**
   * Whether the writer keeps references to events after their write. If false, the host reuses their memory. The default is
   * true.
   */
  readonly keepsEvents?: boolean;
  /** For sinks that show events to the clients connected at the moment. Such a sink gets committed events from memory, and never makes sources wait. */
  readonly live?: boolean;
  /** The sink discards every event, so the host counts it as sent at once, and stores nothing. `write` gets only events that an earlier release stored. */
  readonly discards?: boolean;
  open(context: SinkContext<Config<O>>): Promise<Writer> | Writer;
  /** Called at start. Checks whether the receiver can be reached, and rejects with what is wrong. */
  check?(context: Context<Config<O>>): Promise<void>;
}

// biome-ignore lint/suspicious/noExplicitAny: a list of plugins has options of every shape; each is typed by its own.
type Erased = any;

/** The version of the plugin API. `define…` writes it into the plugin, and the host checks it. */
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
/** Describes a codec; importing the result does nothing. */
export const defineCodec = <const O extends Options>(
  definition: codec.Codec<O>,
): { readonly kind: "codec"; readonly api: typeof api } & codec.Codec<O> => ({ kind: "codec", api, ...definition });
