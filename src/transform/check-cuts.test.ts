import fc from "fast-check";
import {
  bufferCount,
  concatMap,
  EMPTY,
  filter,
  from,
  groupBy,
  map,
  mergeMap,
  mergeWith,
  NEVER,
  type OperatorFunction,
  of,
  pipe,
  retry,
  take,
  takeUntil,
  timer,
} from "rxjs";
import { describe, expect, it } from "vitest";
import { type Event, withData } from "weir";
import { type Batch, eachBatch, filterEvents, flatMapEvents, mapEvents } from "weir/rxjs";
import { inVirtualTime, testEvent, virtualClock } from "../testing/index.ts";
import { checkCuts } from "./check-cuts.ts";
import { cutsOf } from "./cuts.ts";
import { clockScheduler } from "./scheduler.ts";

const eventsOf = (values: readonly number[]): Event[] =>
  values.map((n, index) => testEvent({ n }, { id: String(index + 1) }));
const n = ({ data }: Event) => data["n"] as number;
const add = (event: Event, more: object) => withData(event, { ...event.data, ...more });

const check = (
  make: (scheduler: ReturnType<typeof clockScheduler>) => OperatorFunction<Batch, Batch>,
  events = eventsOf([1, 2, 2, 3, 5, 8]),
  outputs: readonly string[] = [],
) => {
  const clock = virtualClock();
  return checkCuts({
    events,
    outputs,
    build: (signal) => make(clockScheduler(clock, { signal })),
    wait: (work) => inVirtualTime(clock, work, 50),
  });
};

describe("cuts", () => {
  it("hold every event once, in order, whatever the seed", () => {
    fc.assert(
      fc.property(fc.array(fc.nat()), fc.integer(), (values, seed) => {
        const events = eventsOf(values);
        for (const { instances } of cutsOf(events, seed)) expect(instances.flat(2)).toEqual(events);
        expect(cutsOf(events, seed)).toEqual(cutsOf(events, seed));
      }),
    );
  });
});

type Stage = fc.Arbitrary<OperatorFunction<Event, Event>>;
const stateless: Stage = fc.oneof(
  fc.nat(9).map((more) => map((event: Event) => add(event, { n: n(event) + more }))),
  fc.integer({ min: 2, max: 4 }).map((by) => filter((event: Event) => n(event) % by !== 0)),
  fc
    .nat(2)
    .map((count) =>
      concatMap((event: Event) =>
        from(Array.from({ length: count }, (_, part) => withData(event, event.data, `${event.meta.id}/${part}`))),
      ),
    ),
  fc.nat(3).map((ms) => mergeMap((event: Event) => Promise.resolve(ms).then(() => add(event, { asked: ms })))),
  fc.integer({ min: 2, max: 3 }).map((by) =>
    pipe(
      groupBy((event: Event) => n(event) % by),
      mergeMap((group) => group.pipe(concatMap((event) => of(event)))),
    ),
  ),
);

describe("a correct operator", () => {
  it("passes, however stateless operators are composed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(20), { maxLength: 12 }),
        fc.array(stateless, { minLength: 1, maxLength: 4 }),
        async (values, stages) => {
          const operator = (events: Parameters<OperatorFunction<Event, Event>>[0]) =>
            stages.reduce((stream, stage) => stream.pipe(stage), events);
          expect(await check(() => eachBatch(operator, { consumed: "nothing" }), eventsOf(values))).toBeUndefined();
        },
      ),
      { numRuns: 60 },
    );
  });

  it("passes with lifted functions, named outputs, rejections and batch notes", async () => {
    const operator = pipe(
      mapEvents((event) => add(event, { seen: true })),
      filterEvents((event) => n(event) !== 2, "two"),
      flatMapEvents((event, { note }) => {
        note("calls");
        if (n(event) === 5) throw new Error("five");
        return { to: { big: [event] } };
      }),
    );
    expect(await check(() => operator, undefined, ["big"])).toBeUndefined();
  });

  it("passes with events that come through two inputs", async () => {
    const twice = eventsOf([1, 2, 3]).flatMap((event) => [event, event]);
    expect(
      await check(
        () =>
          eachBatch(
            filter((event) => n(event) > 1),
            { dropped: "small" },
          ),
        twice,
      ),
    ).toBeUndefined();
  });
});

/** Outside of every instance. */
let runs = 0;

const cases: Readonly<
  Record<string, readonly [make: Parameters<typeof check>[0], message: unknown, outputs?: readonly string[]]>
> = {
  "remembers within an instance": [
    () => {
      const seen = new Set<number>();
      return filterEvents((event) => !seen.has(n(event)) && Boolean(seen.add(n(event))), "known");
    },
    'the result for the event "3" depends on how batches are cut: use keep (one event a batch: consumed as "known"; started 6 times: sent {"n":2})',
  ],
  "is never the same": [
    () => mapEvents((event) => add(event, { run: ++runs })),
    expect.stringMatching(
      /^the result for the event "1" differs from run to run; the same events must always give the same result \(sent {"n":1,"run":\d+}; again: sent {"n":1,"run":\d+}\)$/,
    ),
  ],
  "changes the end of long data": [
    () =>
      map((batch, index) => batch.with(batch.events.map((event) => add(event, { long: "x".repeat(500), end: index })))),
    expect.stringMatching(/one event a batch: ….*"end":1}; all events in one batch: ….*"end":0}\)$/),
  ],
  "counts batches": [
    () => map((batch, index) => batch.with(batch.events.map((event) => add(event, { index })))),
    'the result for the event "2" depends on how batches are cut: use keep (one event a batch: sent {"n":2,"index":1}; all events in one batch: sent {"n":2,"index":0})',
  ],
  "sends its events to another output by place": [
    () => map((batch) => batch.with({ default: batch.events.slice(0, 1), rest: batch.events.slice(1) })),
    'the result for the event "2" depends on how batches are cut: use keep (one event a batch: sent {"n":2}; all events in one batch: sent to "rest" {"n":2})',
    ["rest"],
  ],
  "loses events of longer batches": [
    () => map((batch) => batch.with(batch.events.slice(0, 2))),
    'the operator lost 4 of the 6 events of a batch (first: "3"); send each event on, or list it with a reason in the account: batch.with(events, account) (all events in one batch, but not with one event a batch: it depends on how batches are cut: use keep)',
  ],
  "loses events": [
    () => eachBatch(filter((event) => n(event) !== 3)),
    'the operator lost 1 of the 1 events of a batch (first: "4"); send each event on, or list it with a reason in the account: batch.with(events, account) (one event a batch)',
  ],
  "unsubscribes early": [
    () => (batches) => batches.pipe(take(2), mergeWith(NEVER)),
    "the operator unsubscribed from its input before the input completed (one event a batch)",
  ],
  "ends when a time has come": [
    (scheduler) => takeUntil(timer(0, scheduler)),
    "the operator completed before its input did; it must run until its input completes (one event a batch)",
  ],
  "completes early": [
    () => take(2),
    "the operator completed before its input did; it must run until its input completes (one event a batch)",
  ],
  "subscribes again after an error": [
    () =>
      pipe(
        map((batch) => {
          if (batch.events.some((event) => n(event) === 3)) throw new Error("three");
          return batch;
        }),
        retry(1),
      ),
    "the operator subscribed to its input again, as retry and repeat do, and lost the batch that it had; use retry inside mergeMap (one event a batch)",
  ],
  "sends no event": [
    () => eachBatch(map((event) => event.data as unknown as Event)),
    "the operator sent an object, which is not an event (one event a batch)",
  ],
  "sends no batch": [
    () => map((batch) => batch.events as unknown as Batch),
    "the operator sent a value that is not one of its batches; send only batches made with batch.with(…) (one event a batch)",
  ],
  "sends a batch twice": [
    () => mergeMap((batch) => [batch, batch]),
    "the operator sent batch 1 twice; send each batch once, with all of its events (one event a batch)",
  ],
  throws: [
    () =>
      map((batch) => {
        if (batch.events.length > 1) throw new Error("too many");
        return batch;
      }),
    "too many (all events in one batch, but not with one event a batch: it depends on how batches are cut: use keep)",
  ],
  "gathers batches": [
    () =>
      pipe(
        bufferCount(6),
        mergeMap((batches) => batches),
      ),
    "the operator did not send on 1 of the 1 batches that it got (all events in one batch, but not with one event a batch: it depends on how batches are cut: use keep)",
  ],
  "never completes a batch": [
    () => eachBatch(mergeWith(NEVER)),
    "the operator did not send on 6 of the 6 batches that it got (one event a batch)",
  ],
  "empties every batch": [
    () => mergeMap(() => EMPTY),
    "the operator did not send on 6 of the 6 batches that it got (one event a batch)",
  ],
};

it.each(Object.keys(cases))("finds an operator that %s", async (name) => {
  const [make, message, outputs] = cases[name]!;
  expect(await check(make, undefined, outputs)).toEqual(message);
});
