import { expect, it } from "vitest";
import type { Log } from "../context.ts";
import type { CommitWriter } from "../storage/writer.ts";
import { turn, virtualClock } from "../testing/index.ts";
import { CommitLoop } from "./commit-loop.ts";
import type { Flight } from "./flow/flight.ts";
import { Group, type Origin } from "./flow/group.ts";
import { Outlets } from "./flow/outlets.ts";

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A loop whose commits take 4 ms each; `started` has the times at which they began, and `written` how many writes each has. */
const running = () => {
  const clock = virtualClock();
  const started: number[] = [];
  const written: number[] = [];
  const writer: CommitWriter = {
    room: (bytes) => new Uint8Array(bytes),
    commit: async ({ state }) => {
      started.push(clock.monotonic());
      written.push(state.length);
      await clock.sleep(4);
      return { ok: true, ends: [] };
    },
    answerWaits: false,
    close: () => Promise.resolve(),
  };
  const loop = new CommitLoop({
    writer,
    outboxes: new Map(),
    records: new Map(),
    onCommitted: () => undefined,
    clock,
    log: silent,
    onAnswer: () => undefined,
    onTrouble: () => undefined,
    fail: (error) => {
      throw error;
    },
  });
  const group = new Group(clock, 1e9, () => loop.schedule());
  loop.add(group);
  const origin: Origin = { id: "in", outlets: new Outlets(), announce: () => undefined };
  const checkpoint = { source: "in", stream: "s", checkpoint: { position: 1, detail: null } };
  let keys = 0;
  /** A batch that covers so many bytes of a stream, with an event for a sink or without, and with writes of state. */
  const batch = (
    bytes: number,
    { hasEvent = true, settled = undefined as (() => void) | undefined, writes = 0 } = {},
  ) => {
    group.take(bytes);
    const alongside = (flight: Flight) => {
      const entries = Array.from(
        { length: writes },
        () => [`key ${keys++}`, { value: "1", expires: undefined }] as const,
      );
      if (writes > 0) flight.writes.set("terms", new Map(entries));
      if (hasEvent) flight.frames.set({ name: "out" }, { parts: [Buffer.from("event")], events: 1 });
    };
    group.admit(origin, {
      events: [],
      admission: { checkpoint, bytes: 0, ingested: 0, settled },
      alongside,
    });
  };
  /** Lets time pass by the millisecond, so that what begins does so in time. */
  const pass = async (ms: number) => {
    await turn();
    for (let at = 0; at < ms; at++) await clock.advance(1);
  };
  return { pass, started, written, batch };
};

const mebibyte = 1024 * 1024;

it("commits events at once, also one after the other, while sources do not catch up", async () => {
  const { pass, started, batch } = running();
  for (let at = 0; at < 3; at++) {
    batch(1000);
    await pass(10);
  }
  expect(started).toEqual([0, 10, 20]);
});

it("commits events ten times the length of a commit after the last one while sources catch up, and answers at once", async () => {
  const { pass, started, batch } = running();
  batch(2 * mebibyte);
  await pass(4);
  batch(2 * mebibyte);
  batch(2 * mebibyte);
  await pass(100);
  expect(started).toEqual([0, 40]);

  // A batch without events waits longer; an event that comes meanwhile does not wait for it.
  batch(2 * mebibyte, { hasEvent: false });
  await pass(2);
  batch(2 * mebibyte);
  await pass(4);
  batch(2 * mebibyte);
  batch(0, { settled: () => undefined });
  await pass(200);
  expect(started).toEqual([0, 40, 106, 110]);
});

it("commits a place without events after 100 ms", async () => {
  const { pass, started, batch } = running();
  for (let at = 0; at < 25; at++) {
    batch(20 * mebibyte, { hasEvent: false });
    await pass(10);
  }
  expect(started).toEqual([100, 204]);
});

it("divides very many writes of state into commits that follow each other at once", async () => {
  const { pass, started, written, batch } = running();
  for (let at = 0; at < 30; at++) batch(0, { hasEvent: false, writes: 500 });
  // A batch is never divided.
  batch(0, { hasEvent: false, writes: 10_000 });
  await pass(150);
  expect(written).toEqual([8_000, 7_000, 10_000]);
  // Nobody waits for the first one, and then all others follow without a wait.
  expect(started[0]).toBe(100);
  expect(started.at(-1)).toBeLessThan(150);
});

it("lets other work go on while it applies the writes of a commit", async () => {
  const { pass, batch } = running();
  let turns = 0;
  const count = () => {
    turns++;
    counting = setImmediate(count);
  };
  let counting = setImmediate(count);
  const settledIn = new Set<number>();
  for (let at = 0; at < 8; at++) batch(0, { writes: 500, settled: () => settledIn.add(turns) });
  await pass(20);
  clearImmediate(counting);
  expect(settledIn.size).toBe(3);
});
