import { type SequencePlan, type Stages, stagesOf } from "./plan.ts";
import {
  emptyState,
  type Pending,
  type Reached,
  readState,
  type Seen,
  type SequenceState,
  writeState,
} from "./state.ts";

/** An event, as one key's state machine sees it. */
export interface SequenceEvent<Reference> {
  /** In milliseconds. Events come in the order of time, and those of one time in an order that is always the same. */
  readonly time: number;
  readonly reference: Reference;
  /** The stages whose condition is true for the event, in any order. */
  readonly stages: readonly number[];
  /** Whether it is the event after `until`. */
  readonly isUntil: boolean;
}

/** The events of a complete sequence, by stage; `undefined` where one must be missing. */
export type CompleteSequence<Reference> = readonly (Reached<Reference> | undefined)[];

export interface MatcherOptions<Reference> {
  /** How many sequences of one key can wait for events that must be missing after them; 1,000 by default. */
  readonly mostWaiting?: number;
  /** Called with the events of a sequence that cannot wait, since too many do. */
  readonly dropped?: (events: readonly Reached<Reference>[]) => void;
}

/**
 * Finds sequences as Elasticsearch does. For each key there is one state machine: each stage holds at most one sequence,
 * the last that reached it; an event moves the sequence of the stage before into its own, and never one that it is already
 * part of. Its methods change the state that they are given, and nothing else.
 */
export class SequenceMatcher<Reference> {
  readonly #maxspan: number;
  readonly #stages: Stages;
  readonly #mostWaiting: number;
  readonly #dropped: (events: readonly Reached<Reference>[]) => void;

  constructor(plan: SequencePlan, { mostWaiting = 1_000, dropped = () => {} }: MatcherOptions<Reference> = {}) {
    this.#maxspan = plan.maxspan ?? Number.POSITIVE_INFINITY;
    this.#stages = stagesOf(plan);
    this.#mostWaiting = mostWaiting;
    this.#dropped = dropped;
  }

  empty = (): SequenceState<Reference> => emptyState();
  write = writeState<Reference>;
  read = readState<Reference>;

  /** Takes an event, and gives the sequences that are now known to be complete: first those that had to wait. */
  accept(state: SequenceState<Reference>, event: SequenceEvent<Reference>): readonly CompleteSequence<Reference>[] {
    const complete = this.tick(state, event.time);
    const completed = this.#advance(state, event);
    for (const stage of event.stages) if (this.#stages.isMissing(stage)) this.#see(state, stage, event.time);
    if (event.isUntil) state.pending.clear();
    return completed ? [...complete, completed] : complete;
  }

  /** Time has come to `now`: gives the sequences that nothing can undo any more, and forgets what is too old to matter. */
  tick(state: SequenceState<Reference>, now: number): readonly CompleteSequence<Reference>[] {
    for (const [stage, { events }] of state.pending)
      if (now - events[0]![0] > this.#maxspan) state.pending.delete(stage);
    for (const [stage, [last]] of state.seen) if (now - last > this.#maxspan) state.seen.delete(stage);
    const count = firstsOf(state.waiting, ({ until }) => until < now);
    return count === 0 ? none : state.waiting.splice(0, count).map(({ events }) => this.#complete(events));
  }

  /** The next time after which `tick` has something to do; `undefined` if there is none. */
  nextTick(state: SequenceState<Reference>): number | undefined {
    const times = [
      ...[...state.pending.values()].map(({ events }) => events[0]![0] + this.#maxspan),
      ...[...state.seen.values()].map(([last]) => last + this.#maxspan),
      ...state.waiting.map(({ until }) => until),
    ];
    const next = times.reduce((least, time) => Math.min(least, time), Number.POSITIVE_INFINITY);
    return Number.isFinite(next) ? next : undefined;
  }

  /** From the last stage to the first, so that no event is in a sequence twice. Gives what needs to wait for nothing. */
  #advance(
    state: SequenceState<Reference>,
    { time, reference, stages }: SequenceEvent<Reference>,
  ): CompleteSequence<Reference> | undefined {
    let completed: CompleteSequence<Reference> | undefined;
    for (const stage of stages.toSorted((a, b) => b - a)) {
      if (this.#stages.isMissing(stage)) continue;
      const moved = this.#moved(state, stage, [time, reference]);
      if (!moved) continue;
      if (stage === this.#stages.last) completed = this.#finish(state, moved);
      else state.pending.set(stage, moved);
    }
    return completed;
  }

  /** The sequence that reaches a stage by an event; it leaves the stage before. */
  #moved(state: SequenceState<Reference>, stage: number, reached: Reached<Reference>): Pending<Reference> | undefined {
    const [time] = reached;
    if (stage === this.#stages.first)
      return { events: [reached], leading: this.#lastOf(state, this.#stages.leading, time), isDoomed: false };
    const before = this.#stages.previous[stage]!;
    const pending = state.pending.get(before);
    if (!pending) return undefined;
    state.pending.delete(before);
    const since = pending.events.at(-1)![0];
    const last = this.#lastOf(state, this.#stages.between[stage]!, time);
    const isDoomed = pending.isDoomed || (last !== undefined && last > since);
    return { events: [...pending.events, reached], leading: pending.leading, isDoomed };
  }

  /** A sequence has all its events: it may have to wait for the time in which others must be missing. */
  #finish(
    state: SequenceState<Reference>,
    { events, leading, isDoomed }: Pending<Reference>,
  ): CompleteSequence<Reference> | undefined {
    if (isDoomed) return undefined;
    const [start, end] = [events[0]![0], events.at(-1)![0]];
    const isLed = this.#stages.leading.length > 0;
    // Without an event before, a time of maxspan before the end is free of those that must be missing.
    const isFree = isLed && (leading === undefined || end - leading > this.#maxspan);
    if (isFree) return this.#complete(events);
    if (this.#stages.trailing.length === 0) return isLed ? undefined : this.#complete(events);
    const until = (isLed ? leading! : start) + this.#maxspan;
    if (until <= end) return this.#complete(events);
    if (state.waiting.length < this.#mostWaiting) state.waiting.push({ events, until });
    else this.#dropped(events);
    return undefined;
  }

  /** An event that must be missing was there. */
  #see(state: SequenceState<Reference>, stage: number, time: number): void {
    if (stage > this.#stages.last) {
      state.waiting.splice(
        0,
        firstsOf(state.waiting, ({ events }) => events.at(-1)![0] < time),
      );
      return;
    }
    const seen = state.seen.get(stage);
    if (seen?.[0] !== time) state.seen.set(stage, [time, seen?.[0]]);
  }

  /** When the last event of some stages was before a time. */
  #lastOf({ seen }: SequenceState<Reference>, stages: readonly number[], time: number): number | undefined {
    let last: number | undefined;
    for (const stage of stages) {
      const found = before(seen.get(stage), time);
      if (found !== undefined && (last === undefined || found > last)) last = found;
    }
    return last;
  }

  #complete(events: readonly Reached<Reference>[]): CompleteSequence<Reference> {
    const rest = events.values();
    return Array.from({ length: this.#stages.count }, (_, stage) =>
      this.#stages.isMissing(stage) ? undefined : rest.next().value,
    );
  }
}

const none: readonly never[] = [];

/** How many items at the start pass a test that no later one passes. */
const firstsOf = <Item>(items: readonly Item[], test: (item: Item) => boolean): number => {
  let count = 0;
  while (count < items.length && test(items[count]!)) count++;
  return count;
};

const before = (seen: Seen | undefined, time: number): number | undefined =>
  seen === undefined || seen[0] < time ? seen?.[0] : seen[1];
