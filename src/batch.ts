import type { Event } from "./event.ts";

/** An event that cannot go on, and why: it goes to the dead letter, in the commit that holds its batch. */
export interface Rejection {
  readonly event: Event;
  /** A short, stable word for metrics, such as `not_an_audit_event`. */
  readonly reason: string;
  /** A sentence for people: what was found, what is wanted. */
  readonly message: string;
}

/** What became of the events that a transform did not send on, by reason; and those it could not handle. */
export interface Account {
  readonly consumed?: Readonly<Record<string, number>>;
  readonly dropped?: Readonly<Record<string, number>>;
  readonly rejected?: readonly Rejection[];
  /** Worth counting, but moving no event: late events, clamped stamps. */
  readonly notes?: Readonly<Record<string, number>>;
}

/** The host's right to be told that a batch is done with; opaque to everybody else. */
export interface Token {
  readonly batch: number;
}

/**
 * Events that travel and are settled together: the unit of flow. A transform gets a batch and sends on one batch made
 * by `batch.with(…)`, also when no event is left: an emptied batch travels on as a marker, which keeps order and acks.
 */
export class Batch {
  readonly events: readonly Event[];
  readonly account: Account | undefined;
  /** Set by the host; `undefined` in programs that compose operators by hand. */
  readonly token: Token | undefined;

  constructor(events: readonly Event[], token?: Token, account?: Account) {
    this.events = events;
    this.token = token;
    this.account = account;
  }

  /** The same delivery with other events; `account` says what became of the rest. */
  with(events: readonly Event[], account?: Account): Batch {
    return new Batch(events, this.token, account ? add(this.account, account) : this.account);
  }
}

const add = (a: Account | undefined, b: Account): Account => {
  if (!a) return b;
  return {
    consumed: sum(a.consumed, b.consumed),
    dropped: sum(a.dropped, b.dropped),
    rejected: [...(a.rejected ?? []), ...(b.rejected ?? [])],
    notes: sum(a.notes, b.notes),
  };
};

const sum = (a: Readonly<Record<string, number>> = {}, b: Readonly<Record<string, number>> = {}) => {
  const total: Record<string, number> = { ...a };
  for (const [reason, count] of Object.entries(b)) total[reason] = (total[reason] ?? 0) + count;
  return total;
};
