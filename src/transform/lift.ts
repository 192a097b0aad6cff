import { map, type OperatorFunction } from "rxjs";
import { type Account, type Batch, defaultOutput, type Ended, type Rejection } from "../batch.ts";
import type { Event } from "../event.ts";
import { Tally } from "./tally.ts";
import type { Note, StepResult } from "./transform.ts";

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
    for (const event of batch.events) sent.add(event, step, sent);
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
  readonly #rejected: Rejection[] = [];
  readonly #consumed: Ended[] = [];
  readonly #dropped: Ended[] = [];
  #notes: Record<string, number> = {};

  readonly note: Note = (name, count = 1) => {
    this.#notes = { ...this.#notes, [name]: (this.#notes[name] ?? 0) + count };
  };

  get account(): Account {
    return { consumed: this.#consumed, dropped: this.#dropped, rejected: this.#rejected, notes: this.#notes };
  }

  /** What becomes of one event is checked as in `each`: a wrong outcome costs that event. */
  add(event: Event, step: (event: Event, tools: LiftTools) => StepResult, tools: LiftTools): void {
    const tally = new Tally();
    try {
      tally.add(event, step(event, tools));
    } catch (error) {
      tally.reject(event, error);
    }
    this.#send(defaultOutput, tally.events);
    for (const [name, list] of tally.to ?? []) if (list.length > 0) this.#send(name, list);
    for (const part of tally.rejected) this.#rejected.push(part);
    for (const reason in tally.consumed) this.#consumed.push({ event, reason });
    for (const reason in tally.dropped) this.#dropped.push({ event, reason });
  }

  #send(output: string, events: readonly Event[]): void {
    const list = this.outputs[output] ?? [];
    this.outputs[output] = list;
    for (const event of events) list.push(event);
  }
}
