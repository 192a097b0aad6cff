import type { OperatorFunction, SchedulerLike } from "rxjs";
import type { Batch, Rejection } from "../batch.ts";
import type { Context, Described } from "../context.ts";
import type { Event } from "../event.ts";
import type { Data } from "../json.ts";
import type { Config, Options } from "../option/option.ts";
import type { State } from "../state.ts";
import type { Passing } from "./passing.ts";
import type { Trace, TracedStep } from "./trace.ts";

/** Adds to a counter in the metrics, for things that do not affect where an event goes, such as a late event. */
export type Note = (name: string, count?: number) => void;

/**
 * The result for one event: the events to send on, or a reason why the event ends here, which is counted as `consumed`.
 * Each event must be the input event or be made from it with `withData`. If there are several, each needs its own id.
 */
export type StepResult = Event | readonly Event[] | string | Outputs;

/** A complete result. At least one member must account for the event. */
export interface Outputs {
  /** Events for the default output. */
  readonly events?: readonly Event[];
  /** Events for named outputs. */
  readonly to?: Readonly<Record<string, readonly Event[]>>;
  /** Events for the dead letter: the event itself, or parts of it with their own ids. */
  readonly rejected?: readonly Rejection[];
  /** Why the event ends here, if ending events is the component's purpose. */
  readonly consumed?: string;
  /** Why the event was discarded on purpose. */
  readonly dropped?: string;
}

interface Shaped<O extends Options> extends Described<O> {
  /** Names of outputs besides the default one. Pipelines refer to them with a dot: `inputs: [route.errors]`. */
  outputs?(config: Config<O>): readonly string[];
  /** False if the transform sends nothing to the default output. Pipelines can then use only the named ones. */
  readonly defaultOutput?: false;
}

export interface EachTools {
  readonly note: Note;
  /** Aborts when this event has taken too long, or the component must stop. */
  readonly signal: AbortSignal;
  /** Shows a step within the transform. Only in `weir explain`, and not for `bulk`. */
  readonly trace?: Trace;
}

/** Takes one event at a time. */
export type EachStep = (event: Event, tools: EachTools) => StepResult | Promise<StepResult>;

/** Takes all events of a batch in one call and returns one result for each, in the same order. */
export interface BulkStep {
  bulk(events: readonly Event[], tools: EachTools): readonly StepResult[] | Promise<readonly StepResult[]>;
}

/**
 * A stateless transform: one event in, events or a reason out. The result must depend on the event alone, not on other
 * events, their order, or anything kept in memory. The host may compute it more than once for an event. If the
 * step throws, the event goes to the dead letter.
 */
export interface EachTransform<O extends Options = Options> extends Shaped<O> {
  /** The step returns promises. The pipeline then has options for concurrency, timeout, retries and failures. */
  readonly async?: boolean | { readonly concurrency?: number; readonly timeout?: number };
  /** What can be said about events before the transform sees them. */
  passing?(context: Context<Config<O>>): Passing;
  /** Builds the step. It must have no side effects, because `validate` calls it too. */
  each(context: Context<Config<O>>): EachStep | BulkStep;
  /**
   * Whether the step reads and changes only some members of an event, through `Draft.of`. The host then does not parse the whole
   * record. Only for weir's own plugins.
   */
  readsParts?(config: Config<O>): boolean;
  readonly keep?: never;
  readonly create?: never;
}

/** An event that `keep` makes from its state. */
export interface Revealed {
  /** Identifies the event within the component and its epoch, for example by key and window. The same content must get
   *  the same id. */
  readonly id: string;
  readonly data: Data;
  /** Its `meta.ingested`, in milliseconds since 1970. The default is the time of the event or tick that emits it. With an earlier
   *  time, the event may be late for the windows of a later transform. */
  readonly at?: number;
  /** The output to send it to, if not the default one. */
  readonly to?: string;
}

export interface KeepTools {
  readonly note: Note;
  /** Sends an event made from state, in addition to the result of the current event. */
  emit(revealed: Revealed): void;
  /**
   * The time of the last tick of this epoch on which the component wrote or emitted something, in milliseconds since
   * 1970; -Infinity if there was none. A window that ended at or before this time has been emitted, so an event for it is
   * late.
   */
  readonly mark: number;
  /** Increases by one with each final tick. In a new epoch the same times may occur again, so ids include the epoch. */
  readonly epoch: number;
  /** Shows a step within the transform. Only in `weir explain`. */
  readonly trace?: Trace;
}

/** A batch without events that gives a transform the time. It has its place in the order of batches. */
export interface Tick {
  /** The host's clock in milliseconds since 1970, on the same axis as `meta.ingested`. Within an epoch it is never before a
   *  tick that wrote or emitted something. */
  readonly now: number;
  /**
   * How long all sources that reach the component have been idle, in milliseconds: asked for more data, without having
   * any. It is 0 at start, and while backpressure keeps the host from asking.
   */
  readonly idle: number;
  /** The epoch ends, because all sources have ended or the clock was set back. Emit everything that is still open. */
  readonly final: boolean;
  readonly epoch: number;
  readonly note: Note;
  /**
   * Sends an event. Returns false when the tick is full: record your progress in state and return; the next tick comes at
   * once.
   */
  emit(revealed: Revealed): boolean;
  /** Shows a step for an earlier event, given by its id. Only in `weir explain`. */
  readonly trace?: (event: string, step: TracedStep) => void;
}

/** Takes one event at a time, in commit order. Its writes are undone if it throws or rejects the event. */
export type KeepStep = (event: Event, tools: KeepTools) => StepResult;

export interface Keeper {
  readonly event: KeepStep;
  /** Runs at the time that `state.wake` asked for, or soon after. Its output must depend on state and timestamps alone. */
  tick?(tick: Tick): void;
  /**
   * Called once before the component runs, but not when a pipeline is only checked. Sources start when it resolves. It must
   * not reject: retry until it succeeds or the component's signal aborts.
   */
  prepare?(): Promise<void>;
  /**
   * Gets what `event` needs from elsewhere, such as a history that is shared with others, for events in commit order: `event`
   * runs on them when it has resolved, and batches that come meanwhile wait. One call runs at a time, and nothing of its events
   * is committed yet: after a crash they come again. If it rejects, the same events are tried again, until it resolves or
   * `signal` aborts. The error says why, for people.
   */
  ahead?(events: readonly Event[], signal: AbortSignal): Promise<void>;
  /** What can be said about events before the transform sees them. */
  readonly passing?: Passing;
}

export interface KeepContext<C> extends Context<C> {
  readonly state: State;
}

/**
 * A stateful transform. It gets one event at a time, in commit order. Its writes to `state` are committed together with its
 * output.
 */
export interface KeepTransform<O extends Options = Options> extends Shaped<O> {
  /**
   * For transforms that can learn from a baseline. Returns whether the transform looks for new things. If so, everything is new
   * while its state is empty, and `run` logs this at start.
   */
  learns?(config: Config<O>): boolean;
  /** Builds the step. It must have no side effects, because `validate` calls it too. */
  keep(context: KeepContext<Config<O>>): KeepStep | Keeper;
  readonly each?: never;
  readonly create?: never;
}

export interface CreateContext<C> extends Context<C> {
  /** A scheduler on the host's clock, for the time operators of RxJS: `delay(1000, scheduler)`. */
  readonly scheduler: SchedulerLike;
}

/**
 * An RxJS operator on batches, for what `each` and `keep` cannot express. It must send each batch on exactly once, made
 * with `batch.with(…)`, even if no events remain, and must account for every event that it does not send on.
 */
export interface CreateTransform<O extends Options = Options> extends Shaped<O> {
  create(context: CreateContext<Config<O>>): OperatorFunction<Batch, Batch>;
  readonly each?: never;
  readonly keep?: never;
}

/** Events in, events out, in one of three shapes. */
export type Transform<O extends Options = Options> = EachTransform<O> | KeepTransform<O> | CreateTransform<O>;
