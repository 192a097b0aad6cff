import { defaultOutput, type Rejection } from "../batch.ts";
import type { Event, Meta } from "../event.ts";
import { isObject, kindOf } from "../json.ts";
import { descends, isEvent, isForged } from "./lineage.ts";
import { isPromise } from "./promise.ts";
import { rejection } from "./reject.ts";
import type { Note, Outputs, StepResult } from "./transform.ts";

/** The result of a transform for one batch: the events that it sends on, and what became of the others. */
export interface Sent {
  readonly events: readonly Event[];
  /** Events for named outputs, by output. */
  readonly to: ReadonlyMap<string, readonly Event[]> | undefined;
  readonly rejected: readonly Rejection[];
  readonly consumed: Counts | undefined;
  readonly dropped: Counts | undefined;
  readonly notes: Counts | undefined;
}

export type Counts = Readonly<Record<string, number>>;

/** A step returned an invalid result for an event. The event goes to the dead letter. */
export class OutcomeFault extends Error {
  readonly reason = "wrong_outcome";
}

/**
 * Collects the results of a step, event by event, and checks that every event is accounted for: it has an output, or is
 * counted under a reason. An invalid result sends its event to the dead letter, with a message that says what is wrong.
 */
export class Tally implements Sent {
  readonly events: Event[] = [];
  to: Map<string, Event[]> | undefined;
  readonly rejected: Rejection[] = [];
  consumed: Record<string, number> | undefined;
  dropped: Record<string, number> | undefined;
  notes: Record<string, number> | undefined;
  readonly note: Note = (name, count = 1) => {
    this.notes = added(this.notes, name, count);
  };
  readonly #outputs: ReadonlySet<string> | undefined;

  /** `outputs`: the named outputs that the component declares. Without it, output names are not checked here. */
  constructor(outputs?: ReadonlySet<string>) {
    this.#outputs = outputs;
  }

  /**
   * Adds the result for one event. If the result is invalid, the event goes to the dead letter, none of its outputs are
   * sent, and `add` returns false.
   */
  add(event: Event, outcome: StepResult): boolean {
    try {
      if (typeof outcome === "string") this.#consume(outcome);
      else if (isSame(event, outcome)) this.events.push(outcome);
      else if (isEvent(outcome) || isForged(outcome)) this.events.push(this.#child(event, outcome));
      else if (Array.isArray(outcome)) this.#addAll(event, { events: outcome });
      else this.#addAll(event, outcome as Outputs);
      return true;
    } catch (error) {
      if (!(error instanceof OutcomeFault)) throw error;
      this.reject(event, error);
      return false;
    }
  }

  /** Rejects an event for which the step threw `error`. */
  reject(event: Event, error: unknown): void {
    this.rejected.push(rejection(event, error));
  }

  /** Number of events that were made from state. */
  emitted = 0;

  /** Sends an event that was made from state, not from an event of the batch. */
  emit(event: Event, to = defaultOutput): void {
    this.emitted++;
    this.#listOf(to).push(event);
  }

  #consume(reason: string): void {
    // A reason that was counted before is a valid word.
    const isKnown = this.consumed?.[reason] !== undefined;
    this.consumed = added(this.consumed, isKnown ? reason : wordOf(reason), 1);
  }

  /** Checks everything before it adds anything, so that an invalid result changes nothing. */
  #addAll(event: Event, outputs: Outputs): void {
    if (!isObject(outputs)) throw noOutcome(outputs);
    const { events = [], to, rejected = [], consumed, dropped } = outputs as Outputs;
    const lists = [[defaultOutput, events] as const, ...Object.entries(to ?? {})];
    const sent = this.#checkedLists(event, lists);
    this.#checkRejected(event, rejected, sent);
    const reasons = [consumed, dropped].filter((reason) => reason !== undefined).map(wordOf);
    if (sent.size + rejected.length + reasons.length === 0) throw noOutcome(hasOutcome(outputs) ? [] : outputs);
    if (reasons.length > 1)
      throw new OutcomeFault(`the transform ended one event as "${reasons.join('" and "')}"; give only one reason`);
    if (reasons.length > 0 && sent.size + rejected.length > 0)
      throw new OutcomeFault(
        `the transform ended an event as "${reasons[0]}", but also sent it on or rejected it; do only one`,
      );
    for (const [name, list] of lists) {
      const all = this.#listOf(name);
      for (const output of list) all.push(output);
    }
    for (const part of rejected) this.rejected.push(part);
    if (consumed !== undefined) this.consumed = added(this.consumed, consumed, 1);
    if (dropped !== undefined) this.dropped = added(this.dropped, dropped, 1);
  }

  /** Checks the events to send, and returns their metas. */
  #checkedLists(event: Event, lists: readonly (readonly [string, readonly Event[]])[]): Set<Meta> {
    const sent = new Set<Meta>();
    for (const [name, list] of lists) {
      this.#listOf(name);
      if (!Array.isArray(list)) throw noOutcome(list);
      const metas = new Set<Meta>();
      for (const output of list) metas.add(this.#child(event, output).meta);
      if (metas.size < list.length || (list.length > 1 && hasRepeatedId(list)))
        throw new OutcomeFault(
          "the transform returned the same event twice; give each copy its own id: withData(event, data, id)",
        );
      for (const meta of metas) sent.add(meta);
    }
    return sent;
  }

  #checkRejected(event: Event, rejected: readonly Rejection[], sent: ReadonlySet<Meta>): void {
    if (!Array.isArray(rejected))
      throw new OutcomeFault(`the transform returned ${kindOf(rejected)} as "rejected"; it must be a list`);
    const metas = new Set(sent);
    for (const part of rejected) {
      const { meta } = this.#child(event, part?.event);
      if (metas.has(meta))
        throw new OutcomeFault(`the transform rejected the event "${meta.id}" twice, or also sent it on; do only one`);
      metas.add(meta);
      wordOf(part.reason);
      if (typeof part.message !== "string")
        throw new OutcomeFault(
          "the transform rejected an event without a message; a rejection needs an event, a reason and a message",
        );
    }
  }

  #listOf(name: string): Event[] {
    if (name === defaultOutput) return this.events;
    if (this.#outputs && !this.#outputs.has(name))
      throw new OutcomeFault(`the transform sent an event to the output "${name}", which "outputs" does not declare`);
    this.to ??= new Map();
    const list = this.to.get(name) ?? [];
    this.to.set(name, list);
    return list;
  }

  #child(event: Event, output: unknown): Event {
    if (isForged(output))
      throw new OutcomeFault("the transform returned an event whose meta weir did not create; use withData(event, …)");
    if (!isEvent(output)) throw noOutcome(output);
    if (output.meta !== event.meta && !descends(output.meta, event.meta))
      throw new OutcomeFault(
        `the transform returned the event "${output.meta.id}", which was not made from the one it got; use withData(event, …)`,
      );
    return output;
  }
}

/** The common case: the event itself is sent on, with or without new data. */
const isSame = (event: Event, outcome: StepResult): outcome is Event =>
  typeof outcome === "object" && outcome !== null && (outcome as Event).meta === event.meta && "data" in outcome;

const hasRepeatedId = (events: readonly Event[]): boolean => {
  try {
    return new Set(events.map(({ meta }) => meta.id)).size < events.length;
  } catch {
    // A function of the plugin computes an id, and throws: that is found when the event is written.
    return false;
  }
};

const hasOutcome = (outputs: object): boolean =>
  ["events", "to", "rejected", "consumed", "dropped"].some((member) => member in outputs);

/** The error for a value that is not a valid result. */
const noOutcome = (value: unknown): OutcomeFault =>
  new OutcomeFault(
    `the transform returned ${foundIn(value)}; return an event, a list of events, or a reason such as "filtered"`,
  );

const foundIn = (value: unknown): string => {
  if (Array.isArray(value)) return value.length === 0 ? "an empty list" : "a list";
  return isPromise(value) ? "a promise" : isObject(value) ? "an object that is not an event" : kindOf(value);
};

/** Reasons are labels of metrics: short, and without characters that would have to be quoted. */
const isReason = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;

const wordOf = (reason: unknown): string => {
  if (typeof reason === "string" && isReason.test(reason)) return reason;
  const found = typeof reason === "string" ? JSON.stringify(reason.slice(0, 100)) : kindOf(reason);
  throw new OutcomeFault(`the transform gave ${found} as a reason; return a word such as "filtered"`);
};

const added = (counts: Record<string, number> | undefined, reason: string, count: number): Record<string, number> => {
  const all: Record<string, number> = counts ?? Object.create(null);
  all[reason] = (all[reason] ?? 0) + count;
  return all;
};
