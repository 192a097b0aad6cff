import { defaultOutput, type Rejection } from "../batch.ts";
import type { Event, Meta } from "../event.ts";
import { isObject, kindOf } from "../json.ts";
import { descends, isEvent, isForged } from "./lineage.ts";
import { isPromise } from "./promise.ts";
import { rejection } from "./reject.ts";
import type { Note, Outputs, StepResult } from "./transform.ts";

/** What a transform sends on of one batch, and what became of the rest. */
export interface Sent {
  readonly events: readonly Event[];
  /** By the name of the output, beside the default one. */
  readonly to: ReadonlyMap<string, readonly Event[]> | undefined;
  readonly rejected: readonly Rejection[];
  readonly consumed: Counts | undefined;
  readonly dropped: Counts | undefined;
  readonly notes: Counts | undefined;
}

export type Counts = Readonly<Record<string, number>>;

/** What is wrong with one outcome: the fault of one event, which goes to the dead letter. */
export class OutcomeFault extends Error {
  readonly reason = "wrong_outcome";
}

/**
 * Keeps the books of a batch event by event, as outcomes come in: every event is the parent of an output or is counted
 * under a reason. An outcome that breaks the contract costs its event, with a sentence that says how.
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

  /** `outputs`: the names that the component declares, beside the default one; without it they are checked later. */
  constructor(outputs?: ReadonlySet<string>) {
    this.#outputs = outputs;
  }

  /**
   * Takes the outcome of one event. What breaks the contract goes to the dead letter, with none of its outputs: then the
   * answer is false.
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

  /** What a step threw. */
  reject(event: Event, error: unknown): void {
    this.rejected.push(rejection(event, error));
  }

  /** How many events were made of state. */
  emitted = 0;

  /** Sends an event that is made of state, not of an event of the batch. */
  emit(event: Event, to = defaultOutput): void {
    this.emitted++;
    this.#listOf(to).push(event);
  }

  #consume(reason: string): void {
    this.consumed = added(this.consumed, wordOf(reason), 1);
  }

  /** All or nothing: everything is checked before anything is taken. */
  #addAll(event: Event, outputs: Outputs): void {
    if (!isObject(outputs)) throw noOutcome(outputs);
    const { events = [], to, rejected = [], consumed, dropped } = outputs as Outputs;
    const lists = [[defaultOutput, events] as const, ...Object.entries(to ?? {})];
    const sent = this.#checkedLists(event, lists);
    this.#checkRejected(event, rejected, sent);
    const reasons = [consumed, dropped].filter((reason) => reason !== undefined).map(wordOf);
    if (sent.size + rejected.length + reasons.length === 0) throw noOutcome(hasOutcome(outputs) ? [] : outputs);
    if (reasons.length > 1) throw new OutcomeFault(`the transform says "${reasons.join('" and "')}" of one event`);
    if (reasons.length > 0 && sent.size + rejected.length > 0)
      throw new OutcomeFault(`the transform says "${reasons[0]}" of an event that it also sends on or rejects`);
    for (const [name, list] of lists) {
      const all = this.#listOf(name);
      for (const output of list) all.push(output);
    }
    for (const part of rejected) this.rejected.push(part);
    if (consumed !== undefined) this.consumed = added(this.consumed, consumed, 1);
    if (dropped !== undefined) this.dropped = added(this.dropped, dropped, 1);
  }

  /** The metas of all that is sent. */
  #checkedLists(event: Event, lists: readonly (readonly [string, readonly Event[]])[]): Set<Meta> {
    const sent = new Set<Meta>();
    for (const [name, list] of lists) {
      this.#listOf(name);
      if (!Array.isArray(list)) throw noOutcome(list);
      const metas = new Set<Meta>();
      for (const output of list) metas.add(this.#child(event, output).meta);
      if (metas.size < list.length || (list.length > 1 && hasRepeatedId(list)))
        throw new OutcomeFault(
          "the transform returned an event twice; give each its own id: withData(event, data, id)",
        );
      for (const meta of metas) sent.add(meta);
    }
    return sent;
  }

  #checkRejected(event: Event, rejected: readonly Rejection[], sent: ReadonlySet<Meta>): void {
    if (!Array.isArray(rejected))
      throw new OutcomeFault(`the transform returned ${kindOf(rejected)} as "rejected"; it takes a list`);
    const metas = new Set(sent);
    for (const part of rejected) {
      const { meta } = this.#child(event, part?.event);
      if (metas.has(meta))
        throw new OutcomeFault(`the transform rejects the event "${meta.id}" twice, or also sends it on`);
      metas.add(meta);
      wordOf(part.reason);
      if (typeof part.message !== "string") throw new OutcomeFault("the transform rejected an event without a message");
    }
  }

  #listOf(name: string): Event[] {
    if (name === defaultOutput) return this.events;
    if (this.#outputs && !this.#outputs.has(name))
      throw new OutcomeFault(`the transform sent an event to the output "${name}", which its "outputs" do not name`);
    this.to ??= new Map();
    const list = this.to.get(name) ?? [];
    this.to.set(name, list);
    return list;
  }

  #child(event: Event, output: unknown): Event {
    if (isForged(output))
      throw new OutcomeFault(
        "the transform returned an event with a meta of its own making; an event keeps its meta: use withData(event, …)",
      );
    if (!isEvent(output)) throw noOutcome(output);
    if (output.meta !== event.meta && !descends(output.meta, event.meta))
      throw new OutcomeFault(
        `the transform returned the event "${output.meta.id}", which was not made from the one it got; use withData(event, …)`,
      );
    return output;
  }
}

/** The way of most events: what came in goes on, with other data or without. */
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

/** The error for what is no outcome of a step. */
const noOutcome = (value: unknown): OutcomeFault =>
  new OutcomeFault(
    `the transform returned ${foundIn(value)}; return an event, events, or a word that says why there is none`,
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
