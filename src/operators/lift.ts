import { map, type OperatorFunction } from "rxjs";
import type { Batch, Rejection } from "../batch.ts";
import type { Event } from "../event.ts";

/** Thrown by a lifted function to send its event to the dead letter under a reason of its own. */
export class RejectError extends Error {
  readonly reason: string;

  constructor(reason: string, message: string) {
    super(message);
    this.name = "RejectError";
    this.reason = reason;
  }
}

const rejection = (event: Event, error: unknown): Rejection =>
  error instanceof RejectError
    ? { event, reason: error.reason, message: error.message }
    : { event, reason: "transform_error", message: error instanceof Error ? error.message : String(error) };

/** What became of one event that held several: those that go on, and those that cannot. */
export interface Split {
  readonly events: readonly Event[];
  readonly rejected: readonly Rejection[];
}

/** Counts something that moves no event, under a name for the metrics; see `Account.notes`. */
export type Note = (name: string, count?: number) => void;

/**
 * Lifts a function on one event to an operator on batches. It returns the event's successors, any number of them, or a
 * split of those and rejections, or a word that says why it has none; an event for which it throws goes to the dead letter, and the rest of the batch goes
 * on. `reason` names in the metrics why an event without successors ended here, where the function does not say.
 */
export const flatMapEvents = (
  step: (event: Event, batch: Batch, note: Note) => readonly Event[] | Event | Split | string | undefined,
  reason = "no_output",
): OperatorFunction<Batch, Batch> =>
  map((batch: Batch) => {
    const events: Event[] = [];
    const rejected: Rejection[] = [];
    let consumed: Record<string, number> | undefined;
    let notes: Record<string, number> | undefined;
    const consume = (why: string) => {
      consumed ??= {};
      consumed[why] = (consumed[why] ?? 0) + 1;
    };
    const note: Note = (name, count = 1) => {
      notes ??= {};
      notes[name] = (notes[name] ?? 0) + count;
    };
    for (const event of batch.events) {
      try {
        const out = step(event, batch, note);
        if (out === undefined) consume(reason);
        else if (typeof out === "string") consume(out);
        else if ("rejected" in out) {
          events.push(...out.events);
          rejected.push(...out.rejected);
        } else if (!Array.isArray(out)) events.push(out as Event);
        else if (out.length === 0) consume(reason);
        else for (const successor of out) events.push(successor);
      } catch (error) {
        rejected.push(rejection(event, error));
      }
    }
    if (!consumed && !notes && rejected.length === 0) return batch.with(events);
    return batch.with(events, {
      ...(consumed && { consumed }),
      ...(notes && { notes }),
      ...(rejected.length > 0 && { rejected }),
    });
  });

/** One event in, one event out. */
export const mapEvents = (step: (event: Event) => Event): OperatorFunction<Batch, Batch> => flatMapEvents(step);

/** Keeps the events for which `keep` is true; the others are consumed under the reason `filtered`. */
export const filterEvents = (keep: (event: Event) => boolean): OperatorFunction<Batch, Batch> =>
  flatMapEvents((event) => (keep(event) ? event : undefined), "filtered");
