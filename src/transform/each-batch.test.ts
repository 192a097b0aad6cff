import { concatMap, delay, filter, lastValueFrom, merge, mergeMap, of, retry, Subject, take, toArray } from "rxjs";
import { expect, it } from "vitest";
import type { Event } from "weir";
import { Batch, type EachBatchOptions, eachBatch } from "weir/rxjs";
import { testEvent, turn } from "../testing/index.ts";

const event = (id: string) => testEvent({ id }, { id });
const [a, b, c] = ["a", "b", "c"].map(event) as [Event, Event, Event];

const lift = (operator: Parameters<typeof eachBatch>[0], options: EachBatchOptions, ...batches: Event[][]) =>
  lastValueFrom(of(...batches.map((events) => new Batch(events))).pipe(eachBatch(operator, options), toArray()));

it("subscribes once for each batch, and not for an empty one", async () => {
  let subscriptions = 0;
  const counting: Parameters<typeof eachBatch>[0] = (events) => {
    subscriptions++;
    return events;
  };
  const sent = await lift(counting, {}, [a], [], [b, c]);
  expect(sent.map(({ events }) => events)).toEqual([[a], [], [b, c]]);
  expect(subscriptions).toBe(2);
});

it("keeps the account of an operator before it", async () => {
  const before = new Batch([a], undefined, { dropped: [{ event: b, reason: "early" }] }, { rest: [c] });
  const after = await lastValueFrom(
    of(before).pipe(
      eachBatch(
        filter(() => false),
        { dropped: "late" },
      ),
    ),
  );
  expect(after.outputs).toEqual({ rest: [c] });
  expect(after.account.dropped).toEqual([
    { event: b, reason: "early" },
    { event: a, reason: "late" },
  ]);
});

it("lists an event that came through two inputs once for each time that it is missing", async () => {
  const other = { ...a, data: { other: true } };
  const [one] = await lift(
    filter((event) => event === a),
    { consumed: "other" },
    [a, other],
  );
  expect([one!.events, one!.account.consumed]).toEqual([[a], [{ event: other, reason: "other" }]]);
});

it.each([
  ["all batches that have come", undefined, ["a", "b", "c"]],
  ["one batch at a time", 1, ["a"]],
  ["two at a time", 2, ["a", "b"]],
])("works on %s", async (_name, concurrency, begun) => {
  const seen: string[] = [];
  const gate = new Subject<void>();
  const input = new Subject<Batch>();
  const slow = mergeMap((event: Event) => {
    seen.push(event.meta.id);
    return gate.pipe(
      take(1),
      concatMap(() => of(event)),
    );
  });
  const out: Batch[] = [];
  input.pipe(eachBatch(slow, concurrency === undefined ? {} : { concurrency })).subscribe((batch) => out.push(batch));
  for (const one of [a, b, c]) input.next(new Batch([one]));
  expect(seen).toEqual(begun);
  for (let round = 0; round < 3; round++) gate.next();
  await turn();
  expect(out).toHaveLength(3);
});

it("rejects an operator that unsubscribes early, and accepts one that resubscribes", async () => {
  await expect(lift(take(1), {}, [a, b])).rejects.toThrow(
    "the operator unsubscribed before the end of a batch, as take, first and catchError do: its result depends on how batches are cut: use keep",
  );
  let tries = 0;
  const flaky = concatMap((event: Event) => {
    if (tries++ === 0) throw new Error("first");
    return of(event);
  });
  const [sent] = await lift((events) => events.pipe(flaky, retry(1)), {}, [a, b]);
  expect(sent!.events).toEqual([a, b]);
});

it("accepts one that subscribes twice", async () => {
  const [sent] = await lift(
    (events) =>
      merge(
        events.pipe(filter((event) => event !== a)),
        events.pipe(
          filter((event) => event === a),
          delay(1),
        ),
      ),
    {},
    [a, b, c],
  );
  expect(sent!.events).toEqual([b, c, a]);
});
