import { map, type OperatorFunction } from "rxjs";
import { type Account, type Batch, defaultOutput, type Ended, type Rejection } from "../batch.ts";
import type { Event } from "../event.ts";
import { Tally } from "./tally.ts";
import type { Note, StepResult } from "./transform.ts";

/** What a lifted function gets in addition to the event. */
export interface LiftTools {
  readonly note: Note;
}

/**
 * Lifts a function on one event to an operator on batches, for use in `create`. The function returns what a step of `each`
 * returns. If it throws, its event goes to the dead letter, and the rest of the batch continues.
 */
export const flatMapEvents = (step: (event: Event, tools: LiftTools) => StepResult): OperatorFunction<Batch, Batch> =>
  map((batch: Batch) => {
    const sent = new Sent();
    for (const event of batch.events) sent.add(event, step, sent);
    return batch.with(sent.outputs, sent.account);
  });

/** Lifts a function that maps each event to one event. */
export const mapEvents = (step: (event: Event) => Event): OperatorFunction<Batch, Batch> => flatMapEvents(step);

/** Keeps the events for which `keep` returns true. The others are counted as consumed, under `reason`. */
export const filterEvents = (keep: (event: Event) => boolean, reason = "filtered"): OperatorFunction<Batch, Batch> =>
  flatMapEvents((event) => (keep(event) ? event : reason));

/** Collects the results of a batch, event by event. */
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

  /** Adds the result for one event. As in `each`, an invalid result sends that event to the dead letter. */
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
