import type { OperatorFunction, SchedulerLike } from "rxjs";
import type { Batch, Rejection } from "../batch.ts";
import type { Context, Described } from "../context.ts";
import type { Event } from "../event.ts";
import type { Data } from "../json.ts";
import type { Config, Options } from "../option/option.ts";
import type { State } from "../state.ts";

/** Counts something that moves no event, such as a late event, under a name for the metrics. */
export type Note = (name: string, count?: number) => void;

/**
 * What a transform makes of one event: the events that go on, or a word that says why it ends here, which is counted as
 * `consumed`. Every event has to be the one that came in, or be made from it with `withData`. Several need ids of their own.
 */
export type StepResult = Event | readonly Event[] | string | Outputs;

/** A result in full. At least one member has to say what became of the event. */
export interface Outputs {
  /** Events for the default output. */
  readonly events?: readonly Event[];
  /** Events for named outputs. */
  readonly to?: Readonly<Record<string, readonly Event[]>>;
  /** For the dead letter: the event itself, or parts of it under ids of their own. */
  readonly rejected?: readonly Rejection[];
  /** Why nothing goes on, if that is what the component is for. */
  readonly consumed?: string;
  /** Why nothing goes on, if the event was discarded on purpose. */
  readonly dropped?: string;
}

interface Shaped<O extends Options> extends Described<O> {
  /** Names of outputs besides the default one. Pipelines write them after a dot: `inputs: [route.errors]`. */
  outputs?(config: Config<O>): readonly string[];
}

export interface EachTools {
  readonly note: Note;
  /** Aborts when this event has taken too long, or the component has to stop. */
  readonly signal: AbortSignal;
}

/** Takes one event at a time. */
export type EachStep = (event: Event, tools: EachTools) => StepResult | Promise<StepResult>;

/** Takes all events of a batch in one call and returns one result for each, in the same order. */
export interface BulkStep {
  bulk(events: readonly Event[], tools: EachTools): readonly StepResult[] | Promise<readonly StepResult[]>;
}

/**
 * A stateless transform: one event in, events or a reason out. The result must depend on the event alone, not on other
 * events, their order, or anything kept in memory. It may be computed more than once for an event. An event for which
 * the step throws goes to the dead letter.
 */
export interface EachTransform<O extends Options = Options> extends Shaped<O> {
  /** The step returns promises. The pipeline then has options for concurrency, timeout, retries and failures. */
  readonly async?: boolean | { readonly concurrency?: number; readonly timeout?: number };
  /** Builds the step. It must have no side effects, because `validate` calls it too. */
  each(context: Context<Config<O>>): EachStep | BulkStep;
  readonly keep?: never;
  readonly create?: never;
}

/** An event that `keep` makes from its state. */
export interface Revealed {
  /** Names the event within the component and its epoch, for example by key and window. The same contents must get the
   *  same id. */
  readonly id: string;
  readonly data: Data;
  /** Its time, in milliseconds since 1970. The default is the time of the event or tick that emits it. */
  readonly at?: number;
  /** A named output. */
  readonly to?: string;
}

export interface KeepTools {
  readonly note: Note;
  /** Sends an event made from state, in addition to the result of this one. */
  emit(revealed: Revealed): void;
  /**
   * The time of the last tick on which this component wrote or emitted something, in this epoch; -Infinity before that.
   * A window that ended at or before it has been emitted: an event for it comes too late.
   */
  readonly mark: number;
  /** Grows by one with each final tick: the same times may come again, under other ids. */
  readonly epoch: number;
}

/** Time as an input: a batch without events that has its place in the order of batches. Times are in milliseconds. */
export interface Tick {
  /** The host's clock, since 1970, on the same axis as `meta.ingested`. It never runs backwards within an epoch. */
  readonly now: number;
  /**
   * For how long every source that reaches the component has been asked for more and had nothing, in this process. It is 0
   * at start, and while there is no room to ask.
   */
  readonly idle: number;
  /** This epoch ends, because all sources have ended or the clock was set back. Emit everything that is open. */
  readonly final: boolean;
  readonly epoch: number;
  readonly note: Note;
  /** Sends an event. False means that this tick is full: save what is done and return. The next tick comes at once. */
  emit(revealed: Revealed): boolean;
}

/** Takes one event at a time, in commit order. What it wrote is undone if it throws, or if it rejects the event. */
export type KeepStep = (event: Event, tools: KeepTools) => StepResult;

export interface Keeper {
  readonly event: KeepStep;
  /** Runs at the time that `state.wake` asked for, or soon after. What it emits must follow from state and timestamps. */
  tick?(tick: Tick): void;
}

export interface KeepContext<C> extends Context<C> {
  readonly state: State;
}

/**
 * A stateful transform. It gets events one by one, in the order in which they are committed, and what it writes to
 * `state` is committed together with what it sends.
 */
export interface KeepTransform<O extends Options = Options> extends Shaped<O> {
  /** It compares events with earlier ones. While its state is empty everything is new to it, and `run` says so. */
  readonly learns?: boolean;
  /** Builds the step. It must have no side effects, because `validate` calls it too. */
  keep(context: KeepContext<Config<O>>): KeepStep | Keeper;
  readonly each?: never;
  readonly create?: never;
}

export interface CreateContext<C> extends Context<C> {
  /** Runs the time operators of RxJS on the host's clock: `delay(1000, scheduler)`. */
  readonly scheduler: SchedulerLike;
}

/**
 * An RxJS operator on batches, for what `each` and `keep` cannot express. It sends each batch on exactly once, made with
 * `batch.with(…)`, even when no event is left, and names every event that it does not send on.
 */
export interface CreateTransform<O extends Options = Options> extends Shaped<O> {
  create(context: CreateContext<Config<O>>): OperatorFunction<Batch, Batch>;
  readonly each?: never;
  readonly keep?: never;
}

/** Events in, events out, in one of three shapes. */
export type Transform<O extends Options = Options> = EachTransform<O> | KeepTransform<O> | CreateTransform<O>;
