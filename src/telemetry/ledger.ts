/** Counts by reason. */
export type Reasons = Readonly<Record<string, number>>;

/** The events that went through a component. Read in one step, `unbalanced` is 0 (the law of conservation, L3). */
export interface EventCounts {
  readonly received: number;
  /** Outputs of an event beyond the first; for a sink, events found undelivered at start. */
  readonly created: number;
  readonly sent: number;
  /** Ended here as intended, by reason (a filter's `filtered`). */
  readonly consumed: Reasons;
  /** Dropped on purpose, by reason. */
  readonly dropped: Reasons;
  /** Sent to the dead letter, by reason. */
  readonly deadLettered: Reasons;
  readonly inFlight: number;
}

/** Counts the events of one component. A fan-out counts once. */
export class Ledger {
  received = 0;
  created = 0;
  sent = 0;
  inFlight = 0;
  bytes = 0;
  /** The size of the component's state and its limit, in bytes, once it has written something. */
  state: { readonly bytes: number; readonly quota: number } | undefined;
  /** How far the source has read, of what it is going to read, in bytes, if it says so. */
  progress: { readonly bytes: number; readonly total: number } | undefined;
  readonly #outputs = new Map<string, number>();
  readonly #consumed = new Map<string, number>();
  readonly #dropped = new Map<string, number>();
  readonly #deadLettered = new Map<string, number>();
  readonly #notes = new Map<string, number>();
  readonly #retries = new Map<string, number>();
  readonly #refusals = new Map<string, number>();

  /** Events sent on by an output; `undefined` is the default one. */
  send(count: number, output?: string): void {
    this.sent += count;
    if (output !== undefined) add(this.#outputs, output, count);
  }

  /** What was sent by named outputs, which is part of `sent`. */
  get outputs(): Reasons {
    return Object.fromEntries(this.#outputs);
  }

  consume(reason: string, count: number): void {
    add(this.#consumed, reason, count);
  }

  /** What is in flight here is given back: it will be read, and counted, again. */
  giveBack(events = this.inFlight): void {
    this.inFlight -= events;
    if (events > 0) this.drop("given_back", events);
  }

  drop(reason: string, count: number): void {
    add(this.#dropped, reason, count);
  }

  deadLetter(reason: string, count: number): void {
    add(this.#deadLettered, reason, count);
  }

  /** Counts something that does not move an event: late events, clamped timestamps. */
  note(reason: string, count: number): void {
    add(this.#notes, reason, count);
  }

  /** Counts a failed write or call that is tried again. */
  retry(reason: string): void {
    add(this.#retries, reason, 1);
  }

  get retries(): Reasons {
    return Object.fromEntries(this.#retries);
  }

  /** Counts a request or reading that was refused: nothing of it was received. */
  refuse(reason: string, count = 1): void {
    add(this.#refusals, reason, count);
  }

  get refusals(): Reasons {
    return Object.fromEntries(this.#refusals);
  }

  get notes(): Reasons {
    return Object.fromEntries(this.#notes);
  }

  counts(): EventCounts {
    return {
      received: this.received,
      created: this.created,
      sent: this.sent,
      consumed: Object.fromEntries(this.#consumed),
      dropped: Object.fromEntries(this.#dropped),
      deadLettered: Object.fromEntries(this.#deadLettered),
      inFlight: this.inFlight,
    };
  }
}

const add = (counts: Map<string, number>, reason: string, count: number) =>
  counts.set(reason, (counts.get(reason) ?? 0) + count);

/** The total over all reasons. */
export const sum = (reasons: Reasons) => Object.values(reasons).reduce((total, count) => total + count, 0);

/** Events that came in and are not accounted for; 0 when the law of conservation holds. */
export const unbalanced = ({
  received,
  created,
  sent,
  consumed,
  dropped,
  deadLettered,
  inFlight,
}: EventCounts): number => received + created - (sent + sum(consumed) + sum(dropped) + sum(deadLettered) + inFlight);
