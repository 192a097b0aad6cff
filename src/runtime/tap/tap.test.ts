import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Event } from "../../event.ts";
import { compileKql } from "../../kql/index.ts";
import { type VirtualClock, virtualClock } from "../../testing/clock.ts";
import { testEvent } from "../../testing/event.ts";
import { type Missed, mostWaiting, type SeenEvent, Tap, timePerSecond } from "./tap.ts";
import { TapPoint } from "./tap-point.ts";

const numbered = (from: number, count: number, padding = ""): readonly Event[] =>
  Array.from({ length: count }, (_, index) => testEvent({ n: from + index, padding }, { id: String(from + index) }));

const numbersOf = (events: readonly SeenEvent[]): number[] => events.map(({ data }) => JSON.parse(data).n as number);

const point = new TapPoint("route", "errors");

const tapOn = (clock: VirtualClock, options: { rate?: number; where?: string } = {}) => {
  const { rate = 1000, where } = options;
  return new Tap({
    clock,
    busy: clock.monotonic,
    random: () => 0.5,
    rate,
    where: where === undefined ? undefined : compileKql(where),
    closed: () => undefined,
  });
};

/** All that it has seen, once it is closed. */
const readAll = async (tap: Tap) => {
  const events: SeenEvent[] = [];
  const missed: Record<keyof Missed, number> = { rate: 0, time: 0, slow: 0, unreadable: 0 };
  for await (const part of tap) {
    events.push(...part.events);
    for (const [reason, count] of Object.entries(part.missed)) missed[reason as keyof Missed] += count;
  }
  return { events, missed, count: Object.values(missed).reduce((total, count) => total + count, 0) };
};

it("shows every event while there are no more than its rate allows, with the output that it left by", async () => {
  const clock = virtualClock();
  const tap = tapOn(clock);
  const batches = [numbered(0, 256), [], numbered(256, 256), numbered(512, 488)];
  for (const events of batches) tap.see(point, events);
  tap.close();
  const { events, missed } = await readAll(tap);
  expect(numbersOf(events)).toEqual(Array.from({ length: 1000 }, (_, n) => n));
  expect(missed).toEqual({ rate: 0, time: 0, slow: 0, unreadable: 0 });
  expect(events[0]).toMatchObject({ component: "route", output: "errors" });
  expect(JSON.parse(events[0]!.head)).toMatchObject({ id: "0", source: "test", stream: "stream", position: 0 });
});

it("shows or counts each event that passes, once, in order, and never more than its rate allows", async () => {
  const step = fc.record({ wait: fc.nat(400), events: fc.nat(300) });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 500 }), fc.array(step, { maxLength: 30 }), async (rate, steps) => {
      const clock = virtualClock();
      const tap = tapOn(clock, { rate });
      let [passed, time] = [0, 0];
      for (const { wait, events } of steps) {
        await clock.advance(wait);
        time += wait;
        tap.see(point, numbered(passed, events));
        passed += events;
      }
      tap.close();
      const { events, count, missed } = await readAll(tap);
      const numbers = numbersOf(events);
      expect(numbers.length + count).toBe(passed);
      expect(count).toBe(missed.rate);
      expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
      expect(numbers.length).toBeLessThanOrEqual(rate * (1 + time / 1000));
    }),
    { numRuns: 50 },
  );
});

it("takes events from everywhere in a batch that is too large", async () => {
  const clock = virtualClock();
  const tap = tapOn(clock, { rate: 4 });
  tap.see(point, numbered(0, 100));
  tap.close();
  const { events, missed } = await readAll(tap);
  expect(numbersOf(events)).toEqual([12, 37, 62, 87]);
  expect(missed.rate).toBe(96);
});

it("keeps a bounded amount for a reader that does not read, and counts the rest", async () => {
  const clock = virtualClock();
  const tap = tapOn(clock, { rate: 1_000_000 });
  const padding = "x".repeat(10_000);
  let passed = 0;
  for (let batch = 0; batch < 20; batch++, passed += 100) tap.see(point, numbered(passed, 100, padding));
  tap.close();
  const { events, missed } = await readAll(tap);
  const size = events.reduce((total, { head, data }) => total + head.length + data.length, 0);
  expect(size).toBeLessThan(mostWaiting + 11_000);
  expect(size).toBeGreaterThan(mostWaiting / 2);
  expect(events.length + missed.slow).toBe(passed);
});

describe("a filter", () => {
  it("counts only what matches against the rate", async () => {
    const clock = virtualClock();
    const tap = tapOn(clock, { rate: 10, where: "n >= 240" });
    tap.see(point, numbered(0, 256));
    tap.close();
    const { events, missed } = await readAll(tap);
    expect(numbersOf(events)).toEqual([240, 241, 242, 243, 244, 245, 246, 247, 248, 249]);
    expect(missed.rate).toBe(6);
  });

  it("takes no more of the run's time than it may, however slow it is", async () => {
    const clock = virtualClock();
    let [taken, now] = [0, 0];
    const slow = { ...clock, monotonic: () => now };
    const tap = new Tap({
      clock: slow,
      busy: slow.monotonic,
      random: Math.random,
      rate: 1_000_000,
      where: () => {
        taken += 2;
        now += 2;
        return false;
      },
      closed: () => undefined,
    });
    let passed = 0;
    for (; now < 60_000; passed += 256) {
      tap.see(point, numbered(passed, 256));
      now += 20;
    }
    // At first, 25 milliseconds are saved up.
    expect(taken).toBeLessThan(60 * timePerSecond + 25 + 10);
    expect(taken).toBeGreaterThan(30 * timePerSecond);
    tap.close();
    const { missed } = await readAll(tap);
    expect(missed.time + taken / 2).toBe(passed);
  });

  it("that throws, or data that is not JSON, is counted and troubles nobody", async () => {
    const clock = virtualClock();
    const tap = tapOn(clock, { where: "not a:*" });
    const throwing = {
      get data(): never {
        throw new Error("no");
      },
      meta: testEvent({}).meta,
    };
    tap.see(point, [throwing, { data: [] as never, meta: testEvent({}).meta }, ...numbered(7, 1)]);
    tap.close();
    const { events, missed } = await readAll(tap);
    expect(numbersOf(events)).toEqual([7]);
    expect(missed.unreadable).toBe(2);
  });
});

it("gives what passes to a reader that waits for it, several events together, and is closed when it leaves", async () => {
  const clock = virtualClock();
  let closed = 0;
  const tap = new Tap({ clock, random: Math.random, rate: 1000, where: undefined, closed: () => closed++ });
  const parts: number[][] = [];
  const reading = (async () => {
    for await (const { events } of tap) {
      parts.push(numbersOf(events));
      if (parts.length === 3) break;
    }
  })();
  await clock.advance(1);
  tap.see(point, numbered(0, 2));
  await clock.advance(1);
  tap.see(point, numbered(2, 1));
  tap.see(point, numbered(3, 1));
  expect(parts).toEqual([[0, 1]]);
  await clock.advance(110);
  expect(parts).toEqual([
    [0, 1],
    [2, 3],
  ]);
  await clock.advance(110);
  tap.see(point, numbered(4, 1));
  await reading;
  expect(parts).toEqual([[0, 1], [2, 3], [4]]);
  expect(closed).toBe(1);
  expect(clock.sleepers).toBe(0);
});
