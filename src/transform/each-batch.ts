import { map, mergeMap, Observable, type OperatorFunction, of, toArray } from "rxjs";
import type { Batch } from "../batch.ts";
import type { Event, Meta } from "../event.ts";
import { isEvent } from "./lineage.ts";

export interface EachBatchOptions {
  /** Why events of which the operator made nothing end here: it is what the component is for. */
  readonly consumed?: string;
  /** … or they were discarded on purpose. */
  readonly dropped?: string;
  /** How many batches are worked on at a time: 1 keeps them apart. Without it, all that have come. */
  readonly concurrency?: number;
}

/**
 * Lifts an RxJS operator on events to one on batches: it is subscribed anew for each batch, with the events of that
 * batch; a batch without events is sent on as it is. Right for operators to which it makes no difference where one batch
 * ends and the next begins, such as `map`, `filter`, `concatMap`, `mergeMap`, `groupBy` with `mergeMap`, `delay`, or
 * `retry` within a `mergeMap`. Operators that count, gather or compare events need `keep`. Without an option, an event of
 * which the operator made nothing ends the run.
 */
export const eachBatch = (
  operator: OperatorFunction<Event, Event>,
  { consumed, dropped, concurrency = Number.POSITIVE_INFINITY }: EachBatchOptions = {},
): OperatorFunction<Batch, Batch> => {
  const lifted = (batch: Batch) => {
    const { events } = batch;
    if (events.length === 0) return of(batch);
    let isWhole = false;
    const all = new Observable<Event>((subscriber) => {
      for (const event of events) subscriber.next(event);
      isWhole ||= !subscriber.closed;
      subscriber.complete();
    });
    return all.pipe(
      operator,
      toArray(),
      map((sent) => {
        if (!isWhole)
          throw new Error(
            "the operator stopped listening before the end of a batch, as take, first and catchError do: what it does depends on how batches are cut: use keep",
          );
        const ended = (reason: string | undefined) =>
          reason === undefined ? [] : missing(events, sent).map((event) => ({ event, reason }));
        return batch.with(sent, consumed === undefined ? { dropped: ended(dropped) } : { consumed: ended(consumed) });
      }),
    );
  };
  return mergeMap(lifted, concurrency);
};

/** The events of which nothing was made. One that came by two inputs counts twice. */
const missing = (events: readonly Event[], sent: readonly Event[]): readonly Event[] => {
  const found = new Map<Meta, number>(events.map(({ meta }) => [meta, 0]));
  for (const event of sent) {
    // What is no event is found when the batch comes back.
    let at: Meta | undefined = isEvent(event) ? event.meta : undefined;
    while (at && !found.has(at)) at = at.parent;
    if (at) found.set(at, found.get(at)! + 1);
  }
  return events.filter(({ meta }) => {
    const left = found.get(meta)!;
    found.set(meta, left - 1);
    return left <= 0;
  });
};
