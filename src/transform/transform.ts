import type { OperatorFunction, SchedulerLike } from "rxjs";
import type { Batch, Rejection } from "../batch.ts";
import type { Context, Described } from "../context.ts";
import type { Event } from "../event.ts";
import type { Data } from "../json.ts";
import type { Config, Options } from "../option.ts";
import type { State } from "../state.ts";

/** Counts something that moves no event, under a name for the metrics: late events, clamped stamps. */
export type Note = (name: string, count?: number) => void;

/**
 * What a transform made of one event: the events it goes on as, or a word that says why it ends here, which is counted
 * as `consumed`. Each event has to be the one that came in, or made from it by `withData`; several need ids of their own.
 */
export type StepResult = Event | readonly Event[] | string | Outputs;

/** An outcome in full. One of the members at least has to say what became of the event. */
export interface Outputs {
  /** To the default output. */
  readonly events?: readonly Event[];
  /** To named outputs. */
  readonly to?: Readonly<Record<string, readonly Event[]>>;
  /** To the dead letter: the event itself, or parts of it under ids of their own. */
  readonly rejected?: readonly Rejection[];
  /** Why nothing goes on: that is what the component is for (`consumed`), or it was discarded on purpose (`dropped`). */
  readonly consumed?: string;
  readonly dropped?: string;
}

interface Shaped<O extends Options> extends Described<O> {
  /** Names of outputs beside the default one, as pipelines write them after a dot: `inputs: [route.errors]`. */
  outputs?(config: Config<O>): readonly string[];
}

export interface EachTools {
  readonly note: Note;
  /** Aborts when this event has taken too long, or the component is to stop. */
  readonly signal: AbortSignal;
}

/** Takes one event at a time. */
export type EachStep = (event: Event, tools: EachTools) => StepResult | Promise<StepResult>;

/** Takes all events of a batch at once, for calls in bulk: one outcome for each event, in the same order. */
export interface BulkStep {
  bulk(events: readonly Event[], tools: EachTools): readonly StepResult[] | Promise<readonly StepResult[]>;
}

/**
 * Stateless: an event in, events or a reason out. It must not depend on other events, on their order, or on anything
 * that it kept; it may run more than once for an event. What it throws sends the event to the dead letter.
 */
export interface EachTransform<O extends Options = Options> extends Shaped<O> {
  /** The step returns promises. The pipeline gets options for concurrency, time limit, retries and failures. */
  readonly async?: boolean | { readonly concurrency?: number; readonly timeout?: number };
  /** Builds the step. It must have no effects: `validate` calls it too. */
  each(context: Context<Config<O>>): EachStep | BulkStep;
  readonly keep?: never;
  readonly create?: never;
}

/** An event that `keep` makes of what it remembers. */
export interface Revealed {
  /** Names it within the component and its epoch, such as a key and a window: the same contents, the same id. */
  readonly id: string;
  readonly data: Data;
  /** Its time, in milliseconds since 1970; by default that of the event or the tick that revealed it. */
  readonly at?: number;
  /** A named output. */
  readonly to?: string;
}

export interface KeepTools {
  readonly note: Note;
  /** Sends an event that is made of state, beside the outcome of this one. */
  emit(revealed: Revealed): void;
  /** The event was stamped before a tick that this component has already had: what its window said is said. */
  readonly late: boolean;
  /** Grows when the clock is set back, and after a final tick: the same time may come again under another epoch. */
  readonly epoch: number;
}

/** Time, as a batch without events that holds a place in the order of batches. All times in milliseconds. */
export interface Tick {
  /** The host's stamp, since 1970. It never runs backwards within an epoch, and is what `meta.ingested` is measured in. */
  readonly now: number;
  /**
   * For how long every source that reaches the component has been asked and had nothing to give, in this process. 0 at
   * start and while there is no room: a quiet pipeline is not an idle one.
   */
  readonly idle: number;
  /** The last one: all sources have ended, and no more events will come in this run. The epoch ends with it. */
  readonly final: boolean;
  /** The clock was set back: all that is open has to be closed, as this epoch ends with this tick. */
  readonly reset: boolean;
  readonly epoch: number;
  readonly note: Note;
  /** Sends an event. False: enough for one tick; write down what is done, stop here, and the next tick comes at once. */
  emit(revealed: Revealed): boolean;
}

/** Takes one event at a time, in commit order; what it wrote is undone if it throws, or if it rejects the event. */
export type KeepStep = (event: Event, tools: KeepTools) => StepResult;

export interface Keeper {
  readonly event: KeepStep;
  /** Called at the time that `state.wake` asked for, or soon after. It may only reveal what state and stamps say. */
  tick?(tick: Tick): void;
}

export interface KeepContext<C> extends Context<C> {
  readonly state: State;
}

/**
 * Stateful and serial: it gets events in the order in which they are committed, and what it writes to `state` is
 * committed together with its output.
 */
export interface KeepTransform<O extends Options = Options> extends Shaped<O> {
  /** It judges events by those before: as long as its state is empty, everything is new to it. `run` says so. */
  readonly learns?: boolean;
  /** Builds the step. It must have no effects, on `state` neither: `validate` calls it too. */
  keep(context: KeepContext<Config<O>>): KeepStep | Keeper;
  readonly each?: never;
  readonly create?: never;
}

export interface CreateContext<C> extends Context<C> {
  /** For the time operators of RxJS: `delay(1000, scheduler)` waits on the host's clock. */
  readonly scheduler: SchedulerLike;
}

/**
 * An RxJS operator on batches, for what `each` and `keep` cannot say. It sends each batch on once, made by
 * `batch.with(…)`, also when no event is left, and names every event that it does not send on.
 */
export interface CreateTransform<O extends Options = Options> extends Shaped<O> {
  create(context: CreateContext<Config<O>>): OperatorFunction<Batch, Batch>;
  readonly each?: never;
  readonly keep?: never;
}

/** Events in, events out, in one of three shapes. */
export type Transform<O extends Options = Options> = EachTransform<O> | KeepTransform<O> | CreateTransform<O>;
