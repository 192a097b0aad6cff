import { expect, it } from "vitest";
import type { Log } from "../context.ts";
import type { CommitWriter } from "../storage/writer.ts";
import { turn, virtualClock } from "../testing/index.ts";
import { CommitLoop } from "./commit-loop.ts";
import type { Flight } from "./flow/flight.ts";
import { Group, type Origin } from "./flow/group.ts";
import { Outlets } from "./flow/outlets.ts";

const silent: Log = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };

/** A loop whose commits take 4 ms each; `started` has the times at which they began. */
const running = () => {
  const clock = virtualClock();
  const started: number[] = [];
  const writer: CommitWriter = {
    room: (bytes) => new Uint8Array(bytes),
    commit: async () => {
      started.push(clock.monotonic());
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
  /** A batch that covers so many bytes of a stream, with an event for a sink or without. */
  const batch = (bytes: number, { hasEvent = true, settled = undefined as (() => void) | undefined } = {}) => {
    group.take(bytes);
    const alongside = (flight: Flight) => {
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
  return { pass, started, batch };
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
