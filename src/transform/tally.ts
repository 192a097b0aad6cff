import { defaultOutput, type Rejection } from "../batch.ts";
import type { Event, Meta } from "../event.ts";
import { kindOf } from "../json.ts";
import { descends, isEvent } from "./lineage.ts";
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
class OutcomeFault extends Error {
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
  readonly #outputs: ReadonlySet<string>;

  /** `outputs`: the names that the component declares, beside the default one. */
  constructor(outputs: ReadonlySet<string>) {
    this.#outputs = outputs;
  }

  /**
   * Takes the outcome of one event. What breaks the contract goes to the dead letter, with none of its outputs: then the
   * answer is false.
   */
  add(event: Event, outcome: StepResult): boolean {
    try {
      if (typeof outcome === "string") this.#consume(outcome);
      else if (isEvent(outcome)) this.events.push(this.#child(event, outcome));
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
    if (typeof outputs !== "object" || outputs === null) throw noOutcome(outputs);
    const { events = [], to = {}, rejected = [], consumed, dropped } = outputs;
    const lists = [[defaultOutput, events], ...Object.entries(to)] as const;
    let count = rejected.length;
    for (const [name, list] of lists) {
      this.#listOf(name);
      if (!Array.isArray(list)) throw noOutcome(list);
      const metas = new Set<Meta>();
      for (const output of list) metas.add(this.#child(event, output).meta);
      if (metas.size < list.length)
        throw new OutcomeFault(
          "the transform returned an event twice; give each its own id: withData(event, data, id)",
        );
      count += list.length;
    }
    for (const part of rejected) this.#child(event, part.event);
    const reasons = [consumed, dropped].filter((reason) => reason !== undefined).map(wordOf);
    if (count + reasons.length === 0) throw noOutcome(events);
    if (count > 0 ? reasons.length > 0 : reasons.length > 1)
      throw new OutcomeFault(`the transform says "${reasons[0]}" of an event that it also sends on`);
    for (const [name, list] of lists) this.#listOf(name).push(...list);
    this.rejected.push(...rejected);
    if (consumed !== undefined) this.consumed = added(this.consumed, consumed, 1);
    if (dropped !== undefined) this.dropped = added(this.dropped, dropped, 1);
  }

  #listOf(name: string): Event[] {
    if (name === defaultOutput) return this.events;
    if (!this.#outputs.has(name))
      throw new OutcomeFault(`the transform sent an event to the output "${name}", which its "outputs" do not name`);
    this.to ??= new Map();
    const list = this.to.get(name) ?? [];
    this.to.set(name, list);
    return list;
  }

  #child(event: Event, output: unknown): Event {
    if (!isEvent(output)) throw noOutcome(output);
    if (output.meta !== event.meta && !descends(output.meta, event.meta))
      throw new OutcomeFault(
        `the transform returned the event "${output.meta.id}", which was not made from the one it got; use withData(event, …)`,
      );
    return output;
  }
}

/** The error for what is no outcome of a step. */
export const noOutcome = (value: unknown): OutcomeFault =>
  new OutcomeFault(
    `the transform returned ${Array.isArray(value) ? "an empty list" : kindOf(value)}; return an event, events, or a word that says why there is none`,
  );

const wordOf = (reason: unknown): string => {
  if (typeof reason === "string" && reason !== "") return reason;
  throw new OutcomeFault('the transform gave an empty reason; return a word such as "filtered"');
};

const added = (counts: Record<string, number> | undefined, reason: string, count: number): Record<string, number> => {
  const all = counts ?? {};
  all[reason] = (all[reason] ?? 0) + count;
  return all;
};
