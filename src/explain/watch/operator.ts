import { type OperatorFunction, tap } from "rxjs";
import { type Batch, defaultOutput, type Rejection } from "../../batch.ts";
import type { Event, Meta } from "../../event.ts";
import type { Journal } from "../journal.ts";
import type { Result, Visit } from "../visit.ts";

type Operator = OperatorFunction<Batch, Batch>;

/** Sees the batches before and after an operator. Which event became which is known from their metas. */
export const watchedOperator =
  (operator: Operator, id: string, journal: Journal): Operator =>
  (batches) => {
    const entered = new Map<Meta, { readonly event: Event; readonly visit: Visit }>();
    const enter = ({ events }: Batch) => {
      for (const event of events) entered.set(event.meta, { event, visit: journal.enter(id, event) });
    };
    const originOf = ({ meta }: Event) => {
      let at: Meta | undefined = meta;
      while (at && !entered.has(at)) at = at.parent;
      return at && entered.get(at);
    };
    const leave = (batch: Batch) => {
      for (const [origin, entries] of Map.groupBy(entriesOf(batch), ({ event }) => originOf(event))) {
        if (!origin) continue;
        const { event, visit } = origin;
        journal.descend(event, visit.takes(resultOf(entries)));
        entered.delete(event.meta);
      }
    };
    return batches.pipe(tap(enter), operator, tap(leave));
  };

/** What a batch says about one of its events. */
interface Entry {
  readonly event: Event;
  readonly output?: string;
  readonly consumed?: string;
  readonly dropped?: string;
  readonly rejected?: Rejection;
}

const entriesOf = ({ events, outputs, account }: Batch): readonly Entry[] => [
  ...events.map((event) => ({ event, output: defaultOutput })),
  ...Object.entries(outputs).flatMap(([output, list]) => list.map((event) => ({ event, output }))),
  ...(account.consumed ?? []).map(({ event, reason }) => ({ event, consumed: reason })),
  ...(account.dropped ?? []).map(({ event, reason }) => ({ event, dropped: reason })),
  ...(account.rejected ?? []).map((rejected) => ({ event: rejected.event, rejected })),
];

const resultOf = (entries: readonly Entry[]): Result => ({
  sent: entries.flatMap(({ event, output }) => (output === undefined ? [] : [{ event, output }])),
  rejected: entries.flatMap(({ rejected }) => (rejected ? [rejected] : [])),
  consumed: entries.find(({ consumed }) => consumed !== undefined)?.consumed,
  dropped: entries.find(({ dropped }) => dropped !== undefined)?.dropped,
});
