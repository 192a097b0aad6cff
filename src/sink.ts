import type { Context, Described } from "./context.ts";
import type { Event } from "./event.ts";
import type { Json } from "./json.ts";
import type { Config, Options } from "./option/option.ts";

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
}

/** An open sink. Each write delivers one batch. If it rejects, no event of the batch counts as delivered. */
export interface Writer {
  /**
   * `signal` aborts when the attempt has taken too long. The write must then reject. If it is still running 5 seconds later,
   * it counts as failed, and its result is ignored.
   */
  // biome-ignore lint/suspicious/noConfusingVoidType: a write that returns nothing is an async function without a return.
  write(events: readonly Delivery[], signal: AbortSignal): Promise<Outcome | undefined | void>;
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
