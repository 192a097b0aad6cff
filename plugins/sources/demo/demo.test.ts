import fc from "fast-check";
import { expect, it } from "vitest";
import type { Checkpoint, Clock, Reading } from "weir";
import { flaws, readSource } from "weir/testing";
import { auditEvent } from "./generate.ts";
import demo from "./index.ts";

/** A clock that advances only during `sleep`. */
const sleepingClock = (): Clock => {
  let now = 0;
  return {
    now: () => now,
    monotonic: () => now,
    sleep: async (ms) => {
      now += ms;
    },
  };
};

interface Run {
  readonly config: { readonly rate: number; readonly count?: number; readonly seed: number };
  readonly checkpoint?: Checkpoint;
  readonly clock?: Clock;
}

const read = ({ config, checkpoint, clock = sleepingClock() }: Run): AsyncIterable<Reading> =>
  readSource(demo, { config, clock, checkpoints: new Map(checkpoint && [["demo", checkpoint]]) });

const all = async (run: Run): Promise<readonly Reading[]> => {
  const readings: Reading[] = [];
  for await (const reading of read(run)) readings.push({ ...reading, bytes: reading.bytes.slice() });
  return readings;
};

const textOf = (readings: readonly Reading[]): string =>
  Buffer.concat(readings.map(({ bytes }) => bytes)).toString("utf8");

it("is well formed", () => expect(flaws(demo)).toEqual([]));

it("generates `count` events, one line of JSON each, without gaps", async () => {
  const readings = await all({ config: { rate: 0, count: 300, seed: 7 } });
  const lines = textOf(readings).split("\n");
  expect(lines.pop()).toBe("");
  expect(lines).toEqual(Array.from({ length: 300 }, (_, index) => auditEvent(index, 7)));
  let position = 0;
  for (const reading of readings) {
    expect(reading.position).toBe(position);
    position += reading.bytes.length;
  }
});

it("continues at any checkpoint, with the detail of any reading", async () => {
  const config = { rate: 0, count: 200, seed: 3 };
  const readings = await all({ config });
  const whole = Buffer.concat(readings.map(({ bytes }) => bytes));
  const starts = [0];
  for (let at = whole.indexOf(10); at !== -1; at = whole.indexOf(10, at + 1)) starts.push(at + 1);
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...starts), fc.nat(readings.length - 1), async (position, described) => {
      const rest = await all({ config, checkpoint: { position, detail: readings[described]!.detail! } });
      expect(textOf(rest)).toBe(whole.subarray(position).toString("utf8"));
    }),
    { numRuns: 60 },
  );
});

it("keeps to its rate", async () => {
  const clock = sleepingClock();
  const readings = await all({ config: { rate: 50, count: 101, seed: 1 }, clock });
  expect(textOf(readings).split("\n")).toHaveLength(102);
  expect(clock.now()).toBe(2_000);
});

it("generates another cluster for another seed, and events of plausible size and kind", () => {
  expect(auditEvent(5, 1)).not.toBe(auditEvent(5, 2));
  const lines = Array.from({ length: 5_000 }, (_, index) => auditEvent(index, 1));
  const mean = lines.join("").length / lines.length;
  expect(mean).toBeGreaterThan(1_100);
  expect(mean).toBeLessThan(1_700);
  const events = lines.map((line) => JSON.parse(line));
  expect(new Set(events.map(({ auditID }) => auditID)).size).toBe(lines.length);
  const reads = events.filter(({ objectRef, verb }) => objectRef.resource === "secrets" && verb !== "watch");
  expect(reads.length / lines.length).toBeCloseTo(0.015, 2);
  const unusual = reads.filter(({ userAgent }) => !userAgent.endsWith("kubernetes/$Format"));
  expect(unusual.length).toBeGreaterThan(0);
  expect(unusual.length).toBeLessThan(reads.length / 3);
  expect(lines.some((line) => line.includes("&"))).toBe(false);
  expect(lines.some((line) => line.includes("\\u0026"))).toBe(true);
});
