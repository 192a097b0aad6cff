import { map, type OperatorFunction } from "rxjs";
import { type Account, type Batch, defaultOutput, type Ended, type Rejection } from "../batch.ts";
import type { Event } from "../event.ts";
import { isObject } from "../json.ts";
import { isEvent } from "./lineage.ts";
import { rejection } from "./reject.ts";
import { noOutcome } from "./tally.ts";
import type { Note, Outputs, StepResult } from "./transform.ts";

/** What a lifted function gets beside the event. */
export interface LiftTools {
  readonly note: Note;
}

/**
 * Lifts a function on one event to an operator on batches, for use in `create`: it returns what a step of `each` returns.
 * An event for which it throws goes to the dead letter, and the rest of the batch goes on.
 */
export const flatMapEvents = (step: (event: Event, tools: LiftTools) => StepResult): OperatorFunction<Batch, Batch> =>
  map((batch: Batch) => {
    const sent = new Sent();
    for (const event of batch.events) {
      try {
        sent.add(event, step(event, sent));
      } catch (error) {
        sent.rejected.push(rejection(event, error));
      }
    }
    return batch.with(sent.outputs, sent.account);
  });

/** One event in, one event out. */
export const mapEvents = (step: (event: Event) => Event): OperatorFunction<Batch, Batch> => flatMapEvents(step);

/** Keeps the events for which `keep` is true; the others end here under `reason`. */
export const filterEvents = (keep: (event: Event) => boolean, reason = "filtered"): OperatorFunction<Batch, Batch> =>
  flatMapEvents((event) => (keep(event) ? event : reason));

/** What a batch becomes, event by event. */
class Sent implements LiftTools {
  readonly outputs: Record<string, Event[]> = { [defaultOutput]: [] };
  readonly rejected: Rejection[] = [];
  readonly #consumed: Ended[] = [];
  readonly #dropped: Ended[] = [];
  #notes: Record<string, number> = {};

  readonly note: Note = (name, count = 1) => {
    this.#notes = { ...this.#notes, [name]: (this.#notes[name] ?? 0) + count };
  };

  get account(): Account {
    return { consumed: this.#consumed, dropped: this.#dropped, rejected: this.rejected, notes: this.#notes };
  }

  /** All or nothing: what is no outcome costs its event. */
  add(event: Event, outcome: StepResult): void {
    const { events = [], to = {}, rejected = [], consumed, dropped } = outputsOf(outcome);
    const lists = [[defaultOutput, events] as const, ...Object.entries(to)];
    for (const [, list] of lists) if (!Array.isArray(list)) throw noOutcome(list);
    for (const [name, list] of lists) this.#send(name, list);
    this.rejected.push(...rejected);
    if (consumed !== undefined) this.#consumed.push({ event, reason: consumed });
    if (dropped !== undefined) this.#dropped.push({ event, reason: dropped });
  }

  #send(output: string, events: readonly Event[]): void {
    const list = this.outputs[output] ?? [];
    this.outputs[output] = list;
    for (const event of events) list.push(event);
  }
}

const outputsOf = (outcome: StepResult): Outputs => {
  if (typeof outcome === "string") return { consumed: outcome };
  if (isEvent(outcome)) return { events: [outcome] };
  if (Array.isArray(outcome) && outcome.length > 0) return { events: outcome };
  if (!isObject(outcome) || "then" in outcome) throw noOutcome(outcome);
  return outcome as Outputs;
};
