/** Counts by reason. */
export type Reasons = Readonly<Record<string, number>>;

/** What went through a component, in events. Read in one step, `unbalanced` is 0 (the law of conservation, L3). */
export interface Counts {
  readonly received: number;
  /** Outputs beyond the first of an event; for a sink, events found undelivered at start. */
  readonly created: number;
  readonly sent: number;
  /** Ended here because that is what the component is for, by reason (a filter's `filtered`). */
  readonly consumed: Reasons;
  /** Let go on purpose, by reason. */
  readonly dropped: Reasons;
  /** Sent to the dead letter, by reason. */
  readonly deadLettered: Reasons;
  readonly inFlight: number;
}

/** The account book of one component. A fan-out counts once. */
export class Ledger {
  received = 0;
  created = 0;
  sent = 0;
  inFlight = 0;
  bytes = 0;
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

  /** Something worth counting that moves no event: late events, clamped stamps. */
  note(reason: string, count: number): void {
    add(this.#notes, reason, count);
  }

  /** A delivery did not go through, and is tried again. */
  retry(reason: string): void {
    add(this.#retries, reason, 1);
  }

  get retries(): Reasons {
    return Object.fromEntries(this.#retries);
  }

  /** A request or a reading was not taken: nothing of it was received. */
  refuse(reason: string): void {
    add(this.#refusals, reason, 1);
  }

  get refusals(): Reasons {
    return Object.fromEntries(this.#refusals);
  }

  get notes(): Reasons {
    return Object.fromEntries(this.#notes);
  }

  counts(): Counts {
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

/** Of all reasons together. */
export const sum = (reasons: Reasons) => Object.values(reasons).reduce((total, count) => total + count, 0);

/** What came in and is not accounted for; 0 when the law of conservation holds. */
export const unbalanced = ({ received, created, sent, consumed, dropped, deadLettered, inFlight }: Counts): number =>
  received + created - (sent + sum(consumed) + sum(dropped) + sum(deadLettered) + inFlight);
