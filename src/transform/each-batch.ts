import { map, mergeMap, Observable, type OperatorFunction, toArray } from "rxjs";
import type { Batch } from "../batch.ts";
import type { Event, Meta } from "../event.ts";

export interface EachBatchOptions {
  /** Why events of which the operator made nothing end here: it is what the component is for. */
  readonly consumed?: string;
  /** … or they were discarded on purpose. */
  readonly dropped?: string;
}

/**
 * Lifts an RxJS operator on events to one on batches: it is subscribed anew for each batch, with the events of that
 * batch. Right for operators to which it makes no difference where one batch ends and the next begins, such as `map`,
 * `filter`, `concatMap`, `mergeMap`, `groupBy` with `mergeMap`, `delay`, or `retry` within a `mergeMap`. Operators that
 * count, gather or compare events need `keep`. Without an option, an event of which the operator made nothing ends the run.
 */
export const eachBatch = (
  operator: OperatorFunction<Event, Event>,
  { consumed, dropped }: EachBatchOptions = {},
): OperatorFunction<Batch, Batch> =>
  mergeMap((batch: Batch) => {
    const { events } = batch;
    let isWhole = false;
    const all = new Observable<Event>((subscriber) => {
      for (const event of events) subscriber.next(event);
      isWhole = !subscriber.closed;
      subscriber.complete();
    });
    return all.pipe(
      operator,
      toArray(),
      map((sent) => {
        if (!isWhole)
          throw new Error(
            "the operator stopped listening before the end of a batch, as take and first do: what it does depends on how batches are cut; use keep",
          );
        const ended = (reason: string | undefined) =>
          reason === undefined ? [] : missing(events, sent).map((event) => ({ event, reason }));
        return batch.with(sent, consumed === undefined ? { dropped: ended(dropped) } : { consumed: ended(consumed) });
      }),
    );
  });

const missing = (events: readonly Event[], sent: readonly Event[]): readonly Event[] => {
  const origins = new Set<Meta>();
  // What is not an event is found out when the books are checked.
  for (const event of sent) for (let at: Meta | undefined = event?.meta; at; at = at.parent) origins.add(at);
  return events.filter(({ meta }) => !origins.has(meta));
};
