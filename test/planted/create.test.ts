import {
  bufferCount,
  bufferTime,
  concatMap,
  debounceTime,
  delay,
  EMPTY,
  filter,
  first,
  groupBy,
  ignoreElements,
  map,
  mergeMap,
  mergeWith,
  NEVER,
  Observable,
  type OperatorFunction,
  of,
  retry,
  scan,
  startWith,
  switchMap,
  take,
  takeWhile,
  throwError,
} from "rxjs";
import { describe, expect, it } from "vitest";
import { type Event, withData } from "weir";
import { Batch, eachBatch } from "weir/rxjs";
import { RecordMeta } from "weir/testing";
import { turn, virtualClock } from "../../src/testing/index.ts";
import {
  inTime,
  keeping,
  lines,
  numbers,
  startRun,
  temporaryDir,
  topology,
  transformOf,
  until,
} from "../runtime/harness.ts";
import {
  all,
  buildErrorOf,
  deadLetters,
  expectBalance,
  expectRest,
  faultOf,
  runPlanted,
  sentenceOf,
  values,
} from "./faults.ts";

type OnBatches = OperatorFunction<Batch, Batch>;

const is = (event: Event, n: number): boolean => event.data["n"] === n;
const isOdd = ({ data }: Event): boolean => Number(data["n"]) % 2 === 1;
const stranger: Event = { data: { n: 1 }, meta: new RecordMeta("elsewhere", "s", 0, 0) };

/** Applies `change` to each batch, and sends the result on. */
const changed = (change: (batch: Batch) => unknown) => map(change) as OnBatches;

/** Faulty operators, each with the message that its author gets. */
const refused: Readonly<Record<string, { readonly operator: () => OnBatches; readonly says: string }>> = {
  "sends a batch twice": {
    operator: () => mergeMap((batch) => [batch, batch]),
    says: "the operator sent batch 1 twice; send each batch once, with all of its events",
  },
  "splits a batch in two (vanished before: 40 of 70 events)": {
    operator: () => mergeMap((batch) => [batch.with(batch.events.slice(0, 3)), batch.with(batch.events.slice(3))]),
    says: 'the operator lost 4 of the 7 events of a batch (first: "in/s@24"); send each event on, or list it with a reason in the account: batch.with(events, account)',
  },
  "splits a batch in two, and accounts for the rest in each": {
    operator: () =>
      mergeMap((batch) =>
        [(event: Event) => isOdd(event), (event: Event) => !isOdd(event)].map((mine) =>
          batch.with(batch.events.filter(mine), {
            consumed: batch.events.filter((event) => !mine(event)).map((event) => ({ event, reason: "elsewhere" })),
          }),
        ),
      ),
    says: "the operator sent batch 1 twice; send each batch once, with all of its events",
  },
  "groups events across batches (vanished before: 60 of 70)": {
    operator: () => (batches) =>
      batches.pipe(
        mergeMap((batch) => batch.events.map((event) => ({ batch, event }))),
        groupBy(({ event }) => isOdd(event)),
        mergeMap((group) => group.pipe(map(({ batch, event }) => batch.with([event])))),
      ),
    says: 'the operator lost 6 of the 7 events of a batch (first: "in/s@8"); send each event on, or list it with a reason in the account: batch.with(events, account)',
  },
  "sends every even event twice and loses every odd one": {
    operator: () =>
      changed((batch) => batch.with(batch.events.filter((event) => !isOdd(event)).flatMap((event) => [event, event]))),
    says: 'the operator sent the event "in/s@0" twice; give each copy its own id: withData(event, data, id)',
  },
  "sends every even event under two ids and loses every odd one": {
    operator: () =>
      changed((batch) =>
        batch.with(
          batch.events
            .filter((event) => !isOdd(event))
            .flatMap((event) => ["a", "b"].map((name) => withData(event, event.data, `${event.meta.id}/${name}`))),
        ),
      ),
    says: 'the operator lost 3 of the 7 events of a batch (first: "in/s@8"); send each event on, or list it with a reason in the account: batch.with(events, account)',
  },
  "collects batches into every fifth": {
    operator: () => (batches) =>
      batches.pipe(
        bufferCount(5),
        mergeMap((held) => [
          ...held.slice(0, -1).map((batch) => batch.with([])),
          held.at(-1)!.with(held.flatMap(({ events }) => events)),
        ]),
      ),
    says: 'the operator lost 7 of the 7 events of a batch (first: "in/s@0"); send each event on, or list it with a reason in the account: batch.with(events, account)',
  },
  "collects batches into every fifth, and lists the events it holds back as consumed": {
    operator: () => (batches) =>
      batches.pipe(
        bufferCount(5),
        mergeMap((held) => [
          ...held
            .slice(0, -1)
            .map((batch) => batch.with([], { consumed: batch.events.map((event) => ({ event, reason: "held" })) })),
          held.at(-1)!.with(held.flatMap(({ events }) => events)),
        ]),
      ),
    says: 'the operator sent the event "in/s@0", which was not made from an event of its batch; use withData(event, …)',
  },
  "filters without an account": {
    operator: () => changed((batch) => batch.with(batch.events.filter((event) => !is(event, 30)))),
    says: 'the operator lost 1 of the 7 events of a batch (first: "in/s@260"); send each event on, or list it with a reason in the account: batch.with(events, account)',
  },
  "sends an unrelated event": {
    operator: () => changed((batch) => batch.with([...batch.events, stranger])),
    says: 'the operator sent the event "elsewhere/s@0", which was not made from an event of its batch; use withData(event, …)',
  },
  "lists an unrelated event": {
    operator: () => changed((batch) => batch.with(batch.events, { consumed: [{ event: stranger, reason: "gone" }] })),
    says: 'the account lists the event "elsewhere/s@0", which was not made from an event of its batch; use withData(event, …)',
  },
  "copies the meta of its events": {
    operator: () =>
      changed((batch) => batch.with(batch.events.map(({ data, meta }) => ({ data, meta: { ...meta } }) as Event))),
    says: "the operator sent an event whose meta weir did not create; use withData(event, …)",
  },
  "invents a meta whose parent is the event": {
    operator: () =>
      changed((batch) =>
        batch.with(batch.events.map(({ data, meta }) => ({ data, meta: { source: "in", parent: meta } }) as never)),
      ),
    says: "the operator sent an event whose meta weir did not create; use withData(event, …)",
  },
  "invents a meta that is its own parent": {
    operator: () =>
      changed((batch) =>
        batch.with(
          batch.events.map(({ data }) => {
            const meta = { source: "in", stream: "s", position: 0, ingested: 0, id: "x" };
            return { data, meta: Object.assign(meta, { parent: meta }) };
          }),
        ),
      ),
    says: "the operator sent an event whose meta weir did not create; use withData(event, …)",
  },
  "sends an event of the previous batch": {
    operator: () => (batches) =>
      batches.pipe(
        scan<Batch, Batch>(
          (before, batch) => batch.with([...batch.events, ...before.events.slice(0, 1)]),
          new Batch([]),
        ),
      ),
    says: 'the operator sent the event "in/s@0", which was not made from an event of its batch; use withData(event, …)',
  },
  "lists events as dropped and sends them": {
    operator: () =>
      changed((batch) =>
        batch.with(batch.events, { dropped: batch.events.map((event) => ({ event, reason: "sampled" })) }),
      ),
    says: 'the account lists the event "in/s@0" as "sampled", but the event is also sent on or listed again; list it once, or send it on',
  },
  "rejects an event and sends it": {
    operator: () =>
      changed((batch) =>
        batch.with(batch.events, { rejected: [{ event: batch.events[0]!, reason: "odd", message: "It is odd." }] }),
      ),
    says: 'the account lists the event "in/s@0" as "odd", but the event is also sent on or listed again; list it once, or send it on',
  },
  "lists an event twice": {
    operator: () =>
      changed((batch) => {
        const ended = batch.events.map((event) => ({ event, reason: "a" }));
        return batch.with([], {
          consumed: ended,
          dropped: ended.slice(0, 1).map((part) => ({ ...part, reason: "b" })),
        });
      }),
    says: 'the account lists the event "in/s@0" as "b", but the event is also sent on or listed again; list it once, or send it on',
  },
  "gives an empty reason": {
    operator: () =>
      changed((batch) => batch.with([], { consumed: batch.events.map((event) => ({ event, reason: "" })) })),
    says: 'the account lists the event "in/s@0" without a reason; add one, such as "filtered"',
  },
  "gives a reason without an event": {
    operator: () => changed((batch) => batch.with([], { consumed: [undefined] as never })),
    says: "the account lists nothing, which is not an event",
  },
  "passes a string as the account": {
    operator: () => changed((batch) => batch.with([], { consumed: "filtered" as never })),
    says: "the account lists nothing, which is not an event",
  },
  "sends to an output that it does not declare": {
    operator: () => changed((batch) => batch.with({ errors: batch.events })),
    says: 'the operator sent events to the output "errors", which "outputs" does not declare',
  },
  "sends one event instead of a list": {
    operator: () => changed((batch) => batch.with({ default: batch.events[0]! as never })),
    says: 'the operator sent an object to the output "default"; send a list of events',
  },
  "sends nothing instead of a list": {
    operator: () => changed((batch) => batch.with(undefined as never)),
    says: "batch.with got nothing; pass a list of events, or lists by output",
  },
  "sends data without an event": {
    operator: () => changed((batch) => batch.with(batch.events.map(({ data }) => data as never))),
    says: "the operator sent an object, which is not an event",
  },
  "sends a batch that it made itself": {
    operator: () => changed(({ events }) => new Batch(events)),
    says: "the operator sent a value that is not one of its batches; send only batches made with batch.with(…)",
  },
  "copies a batch": {
    operator: () => changed((batch) => ({ ...batch })),
    says: "the operator sent a value that is not one of its batches; send only batches made with batch.with(…)",
  },
  "makes something like a batch": {
    operator: () => changed(({ events, token }) => ({ events, token, with: () => undefined })),
    says: "the operator sent a value that is not one of its batches; send only batches made with batch.with(…)",
  },
  "sends nothing at all": {
    operator: () => changed(() => undefined),
    says: "the operator sent a value that is not one of its batches; send only batches made with batch.with(…)",
  },
  "sends the events of a batch": {
    operator: () => mergeMap((batch: Batch) => batch.events) as never,
    says: "the operator sent a value that is not one of its batches; send only batches made with batch.with(…)",
  },
  "throws for one batch": {
    operator: () =>
      changed((batch) => {
        if (batch.events.some((event) => is(event, 30))) throw new Error("no way on");
        return batch;
      }),
    says: "no way on",
  },
  "rejects a promise": {
    operator: () =>
      concatMap(async (batch) => {
        if (batch.events.some((event) => is(event, 30))) throw new Error("no way on");
        return batch;
      }),
    says: "no way on",
  },
  "ends with take": {
    operator: () => take(1),
    says: "the operator completed before its input did; it must run until its input completes",
  },
  "ends with first": {
    operator: () => first(),
    says: "the operator completed before its input did; it must run until its input completes",
  },
  "ends after a while": {
    operator: () => takeWhile(({ events }) => !events.some((event) => is(event, 30))),
    says: "the operator completed before its input did; it must run until its input completes",
  },
  "collects batches by time": {
    operator: () => bufferTime(1) as never,
    says: "the operator sent a value that is not one of its batches; send only batches made with batch.with(…)",
  },
  "keeps a batch when it completes": {
    operator: () => filter<Batch>(({ events }) => !events.some((event) => is(event, 30))),
    says: "the operator completed without sending on all of its batches; it must send on every batch that it gets",
  },
  "keeps every batch": {
    operator: () => ignoreElements(),
    says: "the operator completed without sending on all of its batches; it must send on every batch that it gets",
  },
  "keeps only the last batch of a burst (debounceTime)": {
    operator: () => debounceTime(20),
    says: "the operator completed without sending on all of its batches; it must send on every batch that it gets",
  },
  "abandons a batch for the next (switchMap)": {
    operator: () => switchMap((batch) => of(batch).pipe(delay(20))),
    says: "the operator completed without sending on all of its batches; it must send on every batch that it gets",
  },
  "loses the batch for which it throws (retry)": {
    operator: () => (batches) => {
      let tries = 0;
      return batches.pipe(
        changed((batch) => {
          if (batch.events.some((event) => is(event, 30)) && tries++ === 0) throw new Error("once");
          return batch;
        }),
        retry(3),
      );
    },
    says: "the operator subscribed to its input again, as retry and repeat do, and lost the batch that it had; use retry inside mergeMap",
  },
  "takes some events of each batch": {
    operator: () => eachBatch(take(3)),
    says: "the operator unsubscribed before the end of a batch, as take, first and catchError do: its result depends on how batches are cut: use keep",
  },
  "takes the first event of each batch": {
    operator: () => eachBatch(first()),
    says: "the operator unsubscribed before the end of a batch, as take, first and catchError do: its result depends on how batches are cut: use keep",
  },
  "filters events without a reason": {
    operator: () => eachBatch(filter((event) => !is(event, 30))),
    says: 'the operator lost 1 of the 7 events of a batch (first: "in/s@260"); send each event on, or list it with a reason in the account: batch.with(events, account)',
  },
  "keeps only the last event of a burst": {
    operator: () => eachBatch(debounceTime(5)),
    says: 'the operator lost 6 of the 7 events of a batch (first: "in/s@0"); send each event on, or list it with a reason in the account: batch.with(events, account)',
  },
  "abandons an event for the next": {
    operator: () => eachBatch(switchMap((event) => of(event).pipe(delay(1)))),
    says: 'the operator lost 6 of the 7 events of a batch (first: "in/s@0"); send each event on, or list it with a reason in the account: batch.with(events, account)',
  },
  "collects events by time": {
    operator: () => eachBatch(bufferTime(1) as never),
    says: "the operator sent an array, which is not an event",
  },
  "sends nothing for an event": {
    operator: () => eachBatch(map(() => undefined) as never),
    says: "the operator sent nothing, which is not an event",
  },
  "throws for one event": {
    operator: () =>
      eachBatch(
        map((event) => {
          if (is(event, 30)) throw new Error("no way on");
          return event;
        }),
      ),
    says: "no way on",
  },
};

describe("an operator that", () => {
  for (const [fault, { operator, says }] of Object.entries(refused))
    it(`${fault} ends the run, naming the component`, async () => {
      expect(await sentenceOf(transformOf(operator))).toBe(says);
    });
});

describe("an operator that fails from the start", () => {
  const wrong: Readonly<Record<string, readonly [operator: () => OnBatches, says: string]>> = {
    "completes at once": [
      () => () => EMPTY,
      "the operator completed before its input did; it must run until its input completes",
    ],
    "fails at once": [() => () => throwError(() => new Error("no license")), "no license"],
    "sends before it received anything": [
      () => startWith(new Batch([])),
      "the operator sent a value that is not one of its batches; send only batches made with batch.with(…)",
    ],
    "is made by a function that throws": [
      () => {
        throw new Error("no such zone");
      },
      "no such zone",
    ],
    "is not a function": [
      () => undefined as never,
      'create of the plugin "planted" returned nothing; it must return an RxJS operator',
    ],
    "returns no observable": [
      () => (() => 5) as never,
      "create returned a function that is not an RxJS operator: it returned a number, not an Observable",
    ],
  };
  for (const [fault, [operator, says]] of Object.entries(wrong))
    it(`because it ${fault} cannot be built, and nothing is read`, async () => {
      expect(await buildErrorOf(transformOf(operator))).toBe(`"t" could not be built: ${says}`);
    });
});

describe("an operator that never sends a batch", () => {
  const swallows = ["failed", 14, () => filter<Batch>(({ events }) => !events.some((event) => is(event, 14)))] as const;
  const holding: Readonly<Record<string, readonly [how: string, before: number, operator: () => OnBatches]>> = {
    "as it swallows it": swallows,
    "because it waits for quiet (debounceTime)": ["failed", 0, () => debounceTime(100_000)],
    "because it waits for more batches than will come": [
      "stopped",
      0,
      () => (batches) =>
        batches.pipe(
          bufferCount(1000),
          mergeMap((held) => held),
        ),
    ],
    "because it waits for something that never comes": ["stopped", 0, () => mergeMap(() => NEVER)],
  };
  for (const [way, [how, before, operator]] of Object.entries(holding))
    it(`${way} is reported after 5 s, and nothing after it is committed`, async () => {
      const clock = virtualClock();
      const dataDir = temporaryDir();
      const { kept, plugin } = keeping();
      const plan = topology({
        in: [lines(numbers(70), { follow: true })],
        gulp: [transformOf(operator), ["in"]],
        out: [plugin, ["gulp"]],
      });
      const { runtime, log } = await startRun(plan, dataDir, { clock });
      await until(() => runtime.stats().components["in"]!.component_sent_events_total === 70);
      await clock.advance(4_000);
      expect([...runtime.unready.keys()]).toEqual([]);
      await clock.advance(3_000);
      expect([...runtime.unready.keys()]).toEqual(["gulp"]);
      expect(runtime.unready.get("gulp")).toMatch(/^the transform "gulp" has held a batch for [567] s without sending/);
      expect(log.filter((line) => line.startsWith("gulp error"))).toHaveLength(1);
      await until(() => kept.length >= before);
      expect(values(kept)).toEqual(all(before));
      expectBalance({ runtime });
      await inTime(clock, runtime.stop(1_000));
      expect((await runtime.ended).how).toBe(how);
      expectBalance({ runtime });
      await expectRest({ kept, dataDir }, 70);
    });
});

it("an operator that never completes does not delay the end of a run, if it has sent on all batches", async () => {
  const run = await runPlanted(transformOf(() => mergeWith(NEVER)));
  expect(await run.runtime.ended).toEqual({ how: "finished" });
  expect(values(run.kept)).toEqual(all(70));
  expectBalance(run);
});

it("what an operator sends after the deadline of a stop is ignored, and read again at the next start", async () => {
  const clock = virtualClock();
  const dataDir = temporaryDir();
  const released: (() => void)[] = [];
  const late = transformOf(() =>
    mergeMap(
      (batch) =>
        new Observable<Batch>((out) => {
          released.push(() => {
            out.next(batch);
            out.complete();
          });
        }),
    ),
  );
  const { kept, plugin } = keeping();
  const plan = topology({ in: [lines(numbers(70), { follow: true })], late: [late, ["in"]], out: [plugin, ["late"]] });
  const { runtime } = await startRun(plan, dataDir, { clock });
  await until(() => released.length === 10);
  for (const release of released.slice(0, 4)) release();
  await until(
    () => kept.length === 28,
    () => clock.advance(100),
  );
  await inTime(clock, runtime.stop(1_000));
  expect(await runtime.ended).toEqual({ how: "stopped" });
  for (const release of released.slice(4)) release();
  await turn();
  expect(values(kept)).toEqual(all(28));
  expectBalance({ runtime });
  await expectRest({ kept, dataDir }, 70);
});

it("an operator that collects batches loses nothing across a restart with a full outbox (28 of 140 vanished before)", async () => {
  const dataDir = temporaryDir();
  const gathering = transformOf(
    () => (batches) =>
      batches.pipe(
        bufferCount(5),
        mergeMap((held) => held),
      ),
  );
  const dead = keeping(() => new Promise(() => undefined));
  const clock = virtualClock();
  const source = lines(numbers(140), { follow: true });
  const first = await startRun(
    topology({ in: [source], t: [gathering, ["in"]], out: [dead.plugin, ["t"], 1000] }),
    dataDir,
    { clock },
  );
  await until(() => first.runtime.stats().components["in"]!.component_sent_events_total === 140);
  await clock.advance(1000);
  await inTime(clock, first.runtime.stop(1_000));
  expect((await first.runtime.ended).how).toBe("stopped");
  expectBalance(first);
  await expectRest({ kept: dead.kept, dataDir }, 140);
});

it("events that an operator rejects go to the dead letter, with its reason", async () => {
  const run = await runPlanted(
    transformOf(() =>
      map((batch) =>
        batch.with(
          batch.events.filter((event) => !isOdd(event)),
          {
            rejected: batch.events.filter(isOdd).map((event) => ({ event, reason: "odd", message: "It is not even." })),
          },
        ),
      ),
    ),
  );
  expect(await run.runtime.ended).toEqual({ how: "finished" });
  expect(values(run.kept)).toEqual(all(70).filter((n) => n % 2 === 0));
  const letters = deadLetters(run.dataDir);
  expect(values(letters)).toEqual(all(70).filter((n) => n % 2 === 1));
  expect(letters[0]!.head).toMatchObject({ component: "t", reason: "odd", message: "It is not even." });
  expectBalance(run);
});

it("names the faulty operator, not those before and after it", async () => {
  const plan = topology({
    in: [lines(numbers(70))],
    before: [transformOf(() => map((batch) => batch)), ["in"]],
    bad: [transformOf(() => map((batch) => batch.with(batch.events.slice(1)))), ["before"]],
    after: [transformOf(() => map((batch) => batch)), ["bad"]],
    out: [keeping().plugin, ["after"]],
  });
  const { runtime } = await startRun(plan, temporaryDir());
  expect(faultOf(await runtime.ended)).toMatchObject({ component: "bad" });
});
