import type { Event } from "./event.ts";
import { kindOf } from "./json.ts";

/** An event that cannot be processed, and why. It goes to the dead letter in the commit of its batch. */
export interface Rejection {
  readonly event: Event;
  /** A short, stable word for metrics, such as `not_an_audit_event`. */
  readonly reason: string;
  /** A sentence for people: what was found, and what was expected. */
  readonly message: string;
}

/** An event that ends here. */
export interface Ended {
  readonly event: Event;
  /** A short, stable word for metrics, such as `filtered`. */
  readonly reason: string;
}

/** What became of each event that a transform did not send on. */
export interface Account {
  /** Ended here as intended: this is what the component is for. */
  readonly consumed?: readonly Ended[];
  /** Discarded on purpose. */
  readonly dropped?: readonly Ended[];
  readonly rejected?: readonly Rejection[];
  /** Occurrences to count that do not affect where an event goes, such as `late` or `clamped`. */
  readonly notes?: Readonly<Record<string, number>>;
}

/** Acknowledges a batch to the host; opaque to everything else. */
export interface Token {
  readonly batch: number;
}

/** Events by the name of the output that they go to. */
export type ByOutput = Readonly<Record<string, readonly Event[]>>;

/** The output that a bare id in `inputs` means. */
export const defaultOutput = "default";

/**
 * Events that travel and are settled together: the unit of flow. For each batch that an operator receives, it sends on
 * one batch made by `batch.with(…)`, even if no event is left: order and acknowledgements depend on the empty batch.
 */
export class Batch {
  /** Events for the default output. */
  readonly events: readonly Event[];
  /** Events for named outputs. */
  readonly outputs: ByOutput;
  readonly account: Account;
  /** Set by the host; `undefined` in programs that compose operators by hand. */
  readonly token: Token | undefined;

  constructor(events: readonly Event[], token?: Token, account: Account = {}, outputs: ByOutput = {}) {
    this.events = events;
    this.token = token;
    this.account = account;
    this.outputs = outputs;
  }

  /**
   * The same batch with other events: a list for the default output, or lists by output. Other named outputs stay as
   * they are. `account` says what became of the rest.
   */
  with(events: readonly Event[] | ByOutput, account: Account = {}): Batch {
    const all = add(this.account, account);
    if (typeof events !== "object" || events === null)
      throw new TypeError(`batch.with got ${kindOf(events)}; pass a list of events, or lists by output`);
    if (isList(events)) return new Batch(events, this.token, all, this.outputs);
    const { [defaultOutput]: main = [], ...named } = events;
    return new Batch(main, this.token, all, { ...this.outputs, ...named });
  }
}

const isList = (events: readonly Event[] | ByOutput): events is readonly Event[] => Array.isArray(events);

const add = (a: Account, b: Account): Account => ({
  consumed: joined(a.consumed, b.consumed),
  dropped: joined(a.dropped, b.dropped),
  rejected: joined(a.rejected, b.rejected),
  notes: sum(a.notes, b.notes),
});

const joined = <T>(a: readonly T[] = [], b: readonly T[] = []): readonly T[] =>
  a.length === 0 ? b : b.length === 0 ? a : [...a, ...b];

const sum = (a: Readonly<Record<string, number>> = {}, b: Readonly<Record<string, number>> = {}) => {
  const total: Record<string, number> = { ...a };
  for (const [reason, count] of Object.entries(b)) total[reason] = (total[reason] ?? 0) + count;
  return total;
};
