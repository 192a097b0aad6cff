import { defaultOutput, type Rejection } from "../batch.ts";
import type { Event, Meta } from "../event.ts";
import { rejection } from "../transform/reject.ts";
import { Tally } from "../transform/tally.ts";
import type { Trace, TracedStep } from "../transform/trace.ts";
import type { StepResult } from "../transform/transform.ts";
import { type Change, changesBetween, type Leaves, leavesOf } from "./changes.ts";

/** A step within a component. */
export interface SeenStep {
  readonly title: string;
  readonly outcome: string | undefined;
  readonly depth: number;
  readonly changes: readonly Change[];
}

/** A step about an event that was taken when time had passed. */
export interface LaterStep extends Omit<SeenStep, "changes"> {
  /** In milliseconds since 1970. */
  readonly at: number;
}

/** An event that a component sent on. */
export interface SentEvent {
  readonly id: string;
  /** `undefined` for the default output. */
  readonly output: string | undefined;
  /** What differs from the event that entered. */
  readonly changes: readonly Change[];
  /** What differs from the last step that the component showed. */
  readonly rest: readonly Change[];
}

/** An event, or a part of it, that went to the dead letter. */
export interface RejectedEvent {
  readonly id: string;
  readonly reason: string;
  readonly message: string;
}

/** What a component made of one event. */
export interface Result {
  readonly sent: readonly { readonly output: string; readonly event: Event }[];
  readonly rejected: readonly Rejection[];
  readonly consumed: string | undefined;
  readonly dropped: string | undefined;
}

const mostLater = 100;

/** One event in one component: what came of it. */
export class Visit {
  readonly component: string;
  readonly id: string;
  readonly steps: SeenStep[] = [];
  /** At most as many as a person reads. */
  readonly laterSteps: LaterStep[] = [];
  sent: readonly SentEvent[] = [];
  rejected: readonly RejectedEvent[] = [];
  /** What the step threw; whether that rejects the event is up to the host. */
  failure: RejectedEvent | undefined;
  consumed: string | undefined;
  dropped: string | undefined;
  /** Ids of events that were made from state at this event. */
  made: string[] = [];
  readonly notes: string[] = [];
  /** Whether the component keeps something of the event in its state. */
  hasWritten = false;
  /** When the component next looks at its state by itself, in milliseconds since 1970. */
  wake: number | undefined;
  readonly #entered: Leaves;
  #last: Leaves;

  constructor(component: string, event: Event) {
    this.component = component;
    this.id = idOf(event.meta);
    this.#entered = leavesOf(event.data);
    this.#last = this.#entered;
  }

  readonly trace: Trace = ({ title, outcome, data, depth = 0 }) => {
    const now = data === undefined ? this.#last : leavesOf(data);
    this.steps.push({ title: String(title), outcome, depth, changes: changesBetween(this.#last, now) });
    this.#last = now;
  };

  /** A step about the event at a later time. */
  later(at: number, { title, outcome, depth = 0 }: TracedStep): void {
    if (this.laterSteps.length < mostLater) this.laterSteps.push({ at, title: String(title), outcome, depth });
  }

  /** Begins again, because the step is called again for the event. */
  again(): void {
    this.steps.length = 0;
    this.failure = undefined;
    this.#last = this.#entered;
  }

  /** Takes what the step returned, as the host will; returns the events that were sent on. */
  returned(event: Event, result: StepResult): readonly Event[] {
    const tally = new Tally();
    tally.add(event, result);
    const { events, to, rejected, consumed, dropped } = tally;
    const sent = [[defaultOutput, events] as const, ...(to ?? [])].flatMap(([output, list]) =>
      list.map((sentEvent) => ({ output, event: sentEvent })),
    );
    const [ending] = Object.keys(consumed ?? {});
    const [discarding] = Object.keys(dropped ?? {});
    return this.takes({ sent, rejected, consumed: ending, dropped: discarding });
  }

  takes({ sent, rejected, consumed, dropped }: Result): readonly Event[] {
    this.rejected = rejected.map(({ event, reason, message }) => ({ id: idOf(event.meta), reason, message }));
    this.consumed = consumed;
    this.dropped = dropped;
    this.sent = sent.map(({ output, event: { data, meta } }) => {
      const leaves = leavesOf(data);
      return {
        id: idOf(meta),
        output: output === defaultOutput ? undefined : output,
        changes: changesBetween(this.#entered, leaves),
        rest: changesBetween(this.#last, leaves),
      };
    });
    return sent.map(({ event }) => event);
  }

  threw(event: Event, error: unknown): void {
    const { reason, message } = rejection(event, error);
    this.failure = { id: this.id, reason, message };
  }
}

/** The id of an event. Throws nothing, although a plugin may compute it. */
export const idOf = (meta: Meta): string => {
  try {
    return String(meta.id);
  } catch {
    return "";
  }
};
