import { type Batch, defaultOutput, type Ended } from "../batch.ts";
import type { Event, Meta } from "../event.ts";
import { kindOf } from "../json.ts";
import { isEvent, isForged } from "./lineage.ts";
import type { Sent } from "./tally.ts";

/**
 * Checks what an operator made of a batch, event by event: each that it got is the parent of an output, or is named in
 * the account with a reason. Throws a sentence that says what is wrong: then no count could be trusted any more.
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
  origins.mustBeAll();
  return { events, to, rejected, consumed: countsOf(consumed), dropped: countsOf(dropped), notes };
};

/**
 * Which of the events that came are accounted for. Over a fan-in the same event may come more than once in a batch: then
 * it is to be accounted for as often.
 */
class Origins {
  readonly #came: readonly Event[];
  /** How often each came, by its meta. */
  readonly #times = new Map<Meta, number>();
  /** How often one that came was found behind what the operator sent or named. */
  readonly #found = new Map<Meta, number>();
  /** How often each was sent by one output, at most. */
  readonly #sent = new Map<Meta, number>();
  readonly #ended = new Map<Meta, number>();

  constructor(came: readonly Event[]) {
    this.#came = came;
    for (const { meta } of came) add(this.#times, meta);
  }

  sent(events: readonly Event[], output: string): void {
    if (!Array.isArray(events)) throw new Error(`the operator sent no list of events to the output "${output}"`);
    const here = new Map<Meta, number>();
    for (const event of events) {
      const meta = this.#trace(event, "sent");
      const times = add(here, meta);
      if (times > (this.#times.get(meta) ?? 1))
        throw new Error(
          `the operator sent the event "${meta.id}" on twice; give each its own id: withData(event, data, id)`,
        );
      this.#sent.set(meta, Math.max(times, this.#sent.get(meta) ?? 0));
    }
  }

  ended(ended: Ended): void {
    const { event, reason } = ended ?? {};
    const meta = this.#trace(event, "accounts for");
    if (typeof reason !== "string" || reason === "")
      throw new Error(`the operator gives no reason for the event "${meta.id}", which it does not send on`);
    if (add(this.#ended, meta) + (this.#sent.get(meta) ?? 0) > (this.#times.get(meta) ?? 1))
      throw new Error(
        `the operator accounts for the event "${meta.id}" as "${reason}", and also sends it on or gives another reason`,
      );
  }

  /** The event's own meta; the one behind it that came is marked as found. */
  #trace(event: Event, verb: string): Meta {
    if (isForged(event))
      throw new Error(
        `the operator ${verb} an event with a meta of its own making; an event keeps its meta: use withData(event, …)`,
      );
    if (!isEvent(event)) throw new Error(`the operator ${verb} ${kindOf(event)}, which is not an event`);
    for (let at: Meta | undefined = event.meta; at; at = at.parent)
      if (this.#times.has(at)) {
        add(this.#found, at);
        return event.meta;
      }
    throw new Error(
      `the operator ${verb} the event "${event.meta.id}", which was not made from an event of its batch; use withData(event, …)`,
    );
  }

  mustBeAll(): void {
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
      `the operator lost ${lost} of the ${this.#came.length} events of a batch, "${first.id}" first: each has to be sent on, or named with a reason in the account of batch.with(events, account)`,
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
