import { map, mergeMap, Observable, type OperatorFunction, of, toArray } from "rxjs";
import type { Batch } from "../batch.ts";
import type { Event, Meta } from "../event.ts";
import { isEvent } from "./lineage.ts";

export interface EachBatchOptions {
  /** The reason to count for events without output, if ending events is what the component is for. */
  readonly consumed?: string;
  /** The reason to count for events without output, if they were discarded on purpose. */
  readonly dropped?: string;
  /** How many batches are processed at a time; 1 processes them one after the other. The default is no limit. */
  readonly concurrency?: number;
}

/**
 * Lifts an RxJS operator on events to an operator on batches. It subscribes to the operator once for each batch, with the
 * events of that batch; a batch without events is sent on unchanged. Use it for operators whose result does not depend on
 * how batches are cut, such as `map`, `filter`, `concatMap`, `mergeMap`, `groupBy` with `mergeMap`, `delay`, or `retry`
 * inside a `mergeMap`. Operators that count, collect or compare events need `keep`. Without `consumed` or `dropped`, an
 * event without output ends the run.
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
            "the operator unsubscribed before the end of a batch, as take, first and catchError do: its result depends on how batches are cut: use keep",
          );
        const ended = (reason: string | undefined) =>
          reason === undefined ? [] : missing(events, sent).map((event) => ({ event, reason }));
        return batch.with(sent, consumed === undefined ? { dropped: ended(dropped) } : { consumed: ended(consumed) });
      }),
    );
  };
  return mergeMap(lifted, concurrency);
};

/** The events without output. An event that came through two inputs counts twice. */
const missing = (events: readonly Event[], sent: readonly Event[]): readonly Event[] => {
  const found = new Map<Meta, number>(events.map(({ meta }) => [meta, 0]));
  for (const event of sent) {
    // A value that is not an event is reported when the batch is checked.
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
