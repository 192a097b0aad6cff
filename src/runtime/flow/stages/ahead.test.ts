import { expect, it } from "vitest";
import type { Event } from "../../../event.ts";
import { Ledger } from "../../../telemetry/ledger.ts";
import { testEvent } from "../../../testing/event.ts";
import { logRecorder } from "../../../testing/log.ts";
import { type VirtualClock, virtualClock } from "../../../virtual-clock.ts";
import type { Flight } from "../flight.ts";
import type { Part } from "../gate.ts";
import { Ahead } from "./ahead.ts";

/** A batch of so many events, named by its number. */
const batch = (sequence: number, events: number): Part => ({
  flight: { sequence } as Flight,
  events: Array.from({ length: events }, (_, n) => testEvent({ n }, { id: `${sequence}.${n}` })),
  parts: 1,
  hasTick: false,
});

/** What `answer` is asked for and when it answers is up to the test. */
const setUp = (clock: VirtualClock = virtualClock()) => {
  const calls: { readonly events: readonly Event[]; settle: (error?: string) => void }[] = [];
  const ran: number[] = [];
  const stopped = new AbortController();
  const [ledger, log] = [new Ledger(), logRecorder()];
  const ahead = new Ahead({
    ledger,
    clock,
    log,
    random: () => 1,
    signal: stopped.signal,
    get: (events) =>
      new Promise((resolve, reject) => {
        calls.push({ events, settle: (error) => (error === undefined ? resolve() : reject(new Error(error))) });
      }),
    run: ({ flight }) => void ran.push(flight.sequence),
  });
  return { ahead, calls, ran, ledger, log, stopped, clock };
};

const turn = () => new Promise((resolve) => setImmediate(resolve));

it("runs batches in their order, and asks once for all that came meanwhile, up to a limit", async () => {
  const { ahead, calls, ran } = setUp();
  for (const [sequence, events] of [0, 2, 0, 600, 300, 200, 1].entries()) void ahead.add(batch(sequence, events));
  expect(ran).toEqual([0]);
  expect(calls.map(({ events }) => events.length)).toEqual([2]);
  calls[0]!.settle();
  await turn();
  expect(ran).toEqual([0, 1]);
  expect(calls[1]!.events.length).toBe(900);
  calls[1]!.settle();
  await turn();
  calls[2]!.settle();
  await turn();
  expect(ran).toEqual([0, 1, 2, 3, 4, 5, 6]);
  void ahead.add(batch(7, 1_500));
  expect(calls[3]!.events.length).toBe(1_500);
});

it("asks again for the same events until there is an answer, logs an outage once and counts each attempt", async () => {
  const { ahead, calls, ran, ledger, log, clock } = setUp();
  void ahead.add(batch(1, 1));
  for (let failures = 0; failures < 4; failures++) {
    calls[failures]!.settle("it is away");
    await turn();
    expect(ahead.trouble).toBe("it is away");
    await clock.advance(5_000);
    expect(calls).toHaveLength(failures + 2);
  }
  expect(new Set(calls.flatMap(({ events }) => events.map(({ meta }) => meta.id)))).toEqual(new Set(["1.0"]));
  expect(ran).toEqual([]);
  calls[4]!.settle();
  await turn();
  expect(ran).toEqual([1]);
  expect(ahead.trouble).toBeUndefined();
  expect(ledger.retries).toEqual({ failed: 4 });
  expect(log.lines.map(({ message }) => message)).toEqual([
    "it is away; events wait, and it is tried again until there is an answer",
    "answered again after 20 s: events go on",
  ]);
});

it("runs nothing after the component was stopped", async () => {
  const { ahead, calls, ran, stopped } = setUp();
  void ahead.add(batch(1, 1));
  void ahead.add(batch(2, 1));
  stopped.abort();
  calls[0]!.settle();
  await turn();
  expect(ran).toEqual([]);
});
