import { expect, it } from "vitest";
import { logRecorder, turn, virtualClock } from "weir/testing";
import type { Frame } from "../../storage/frame.ts";
import { Ledger } from "../../telemetry/ledger.ts";
import { Waiters } from "../flow/waiters.ts";
import { type Deliverable, deliver } from "./delivery.ts";

/** An outbox in memory, in which each frame is one byte; it counts the frames that are read. */
const outboxOf = (frames: readonly Frame[], filled: Waiters) => {
  let read = 0;
  const outbox: Deliverable = {
    name: "out",
    place: { segment: 1, offset: 0 },
    filled: async ({ offset }, signal) => {
      while (offset >= frames.length && !signal.aborted) await filled.wait(signal);
    },
    read: async ({ offset }, { maxEvents, maxSize }) => {
      const found = frames.slice(offset, offset + Math.min(maxEvents, maxSize));
      read += found.length;
      const end = { segment: 1, offset: offset + found.length };
      return found.length > 0 ? { frames: found, end, bytes: found.length } : undefined;
    },
    delivered: () => undefined,
  };
  return { outbox, read: () => read };
};

it("reads each frame once, however many commits it takes until a batch is full", async () => {
  const clock = virtualClock();
  const [frames, filled, written]: [Frame[], Waiters, string[][]] = [[], new Waiters(), []];
  const { outbox, read } = outboxOf(frames, filled);
  const stop = new AbortController();
  const delivering = deliver({
    outbox,
    concurrency: 1,
    batch: { maxEvents: 10, maxSize: 1000, timeout: 60_000 },
    retry: { initial: 1, max: 1 },
    timeout: 1000,
    writer: { write: async (events) => void written.push(events.map(({ json }) => json)) },
    keepsEvents: true,
    ledger: new Ledger(),
    clock,
    random: () => 0,
    log: logRecorder(),
    signal: stop.signal,
    isCurrent: () => true,
    draining: new AbortController().signal,
    bury: async () => undefined,
    onDelivered: () => undefined,
    onGone: () => undefined,
  });
  const commit = async (count: number) => {
    for (let n = 0; n < count; n++) frames.push({ head: "{}", data: String(frames.length), size: 1 });
    filled.wake();
    await turn();
  };
  for (let n = 0; n < 7; n++) await commit(1);
  expect({ read: read(), written }).toEqual({ read: 7, written: [] });
  // Three of these fill the batch, and the others begin the next one, which waits no longer than its time.
  await commit(5);
  expect(written).toEqual([Array.from({ length: 10 }, (_, n) => String(n))]);
  await clock.advance(60_000);
  await turn();
  expect(written[1]).toEqual(["10", "11"]);
  expect(read()).toBe(12);
  stop.abort();
  await delivering;
});
