import { type Batch, defaultOutput, type Ended } from "../batch.ts";
import type { Event, Meta } from "../event.ts";
import { kindOf } from "../json.ts";
import { isEvent, isForged } from "./lineage.ts";
import type { Sent } from "./tally.ts";

/**
 * Checks a batch that an operator sent on: every event that it received must have an output, or be listed in the account
 * with a reason. Returns the result for the counters. Throws an error that says what is wrong, after which the counters
 * could not be trusted.
 */
export const booksOf = (came: readonly Event[], batch: Batch, outputs: ReadonlySet<string>): Sent => {
  const { account, events } = batch;
  const to = new Map(Object.entries(batch.outputs));
  for (const name of to.keys())
    if (!outputs.has(name))
      throw new Error(`the operator sent events to the output "${name}", which "outputs" does not declare`);
  const origins = new Origins(came);
  for (const [name, list] of [[defaultOutput, events] as const, ...to]) origins.sent(list, name);
  const { consumed = [], dropped = [], rejected = [], notes } = account;
  for (const ended of [...consumed, ...dropped, ...rejected]) origins.ended(ended);
  origins.checkComplete();
  return { events, to, rejected, consumed: countsOf(consumed), dropped: countsOf(dropped), notes };
};

/**
 * Tracks which of the received events are accounted for. With a fan-in, a batch may contain the same event more than once;
 * it must then be accounted for as many times.
 */
class Origins {
  readonly #came: readonly Event[];
  /** How often each event was received, by its meta. */
  readonly #times = new Map<Meta, number>();
  /** How often each received event was sent on or listed, itself or as the origin of another event. */
  readonly #found = new Map<Meta, number>();
  /** How often each event was sent to an output: the largest count over all outputs. */
  readonly #sent = new Map<Meta, number>();
  readonly #ended = new Map<Meta, number>();

  constructor(came: readonly Event[]) {
    this.#came = came;
    for (const { meta } of came) add(this.#times, meta);
  }

  sent(events: readonly Event[], output: string): void {
    if (!Array.isArray(events))
      throw new Error(`the operator sent ${kindOf(events)} to the output "${output}"; send a list of events`);
    const here = new Map<Meta, number>();
    for (const event of events) {
      const meta = this.#trace(event, "the operator sent");
      const times = add(here, meta);
      if (times > (this.#times.get(meta) ?? 1))
        throw new Error(
          `the operator sent the event "${meta.id}" twice; give each copy its own id: withData(event, data, id)`,
        );
      this.#sent.set(meta, Math.max(times, this.#sent.get(meta) ?? 0));
    }
  }

  ended(ended: Ended): void {
    const { event, reason } = ended ?? {};
    const meta = this.#trace(event, "the account lists");
    if (typeof reason !== "string" || reason === "")
      throw new Error(`the account lists the event "${meta.id}" without a reason; add one, such as "filtered"`);
    if (add(this.#ended, meta) + (this.#sent.get(meta) ?? 0) > (this.#times.get(meta) ?? 1))
      throw new Error(
        `the account lists the event "${meta.id}" as "${reason}", but the event is also sent on or listed again; list it once, or send it on`,
      );
  }

  /** Marks the received event that `event` descends from as found, and returns the meta of `event` itself. */
  #trace(event: Event, who: string): Meta {
    if (isForged(event)) throw new Error(`${who} an event whose meta weir did not create; use withData(event, …)`);
    if (!isEvent(event)) throw new Error(`${who} ${kindOf(event)}, which is not an event`);
    for (let at: Meta | undefined = event.meta; at; at = at.parent)
      if (this.#times.has(at)) {
        add(this.#found, at);
        return event.meta;
      }
    throw new Error(
      `${who} the event "${event.meta.id}", which was not made from an event of its batch; use withData(event, …)`,
    );
  }

  checkComplete(): void {
    let lost = 0;
    let first: Meta | undefined;
    for (const [meta, times] of this.#times) {
      const missing = times - (this.#found.get(meta) ?? 0);
      if (missing <= 0) continue;
      lost += missing;
      first ??= meta;
    }
    if (!first) return;
    throw new Error(
      `the operator lost ${lost} of the ${this.#came.length} events of a batch (first: "${first.id}"); send each event on, or list it with a reason in the account: batch.with(events, account)`,
    );
  }
}

const add = (counts: Map<Meta, number>, meta: Meta): number => {
  const count = (counts.get(meta) ?? 0) + 1;
  counts.set(meta, count);
  return count;
};

const countsOf = (ended: readonly Ended[]): Record<string, number> | undefined => {
  if (ended.length === 0) return undefined;
  const counts: Record<string, number> = {};
  for (const { reason } of ended) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
};
