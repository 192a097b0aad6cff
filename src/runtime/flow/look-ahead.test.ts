import { hash } from "node:crypto";
import { afterAll, expect, it, onTestFinished } from "vitest";
import type { Reading } from "../../plugin.ts";
import { TaughtScanner } from "../../scan/ahead/lessons.ts";
import { ScanThreads } from "../../scan/ahead/scan-threads.ts";
import { slotBytes } from "../../scan/ahead/slot.ts";
import type { ScanPlan } from "../../scan/plan.ts";
import { scannerOf } from "../../scan/scanner.ts";
import { turn } from "../../testing/index.ts";
import { lookingAhead } from "./look-ahead.ts";
import type { Scanning } from "./scanned-reading.ts";

const plan: ScanPlan = { root: { members: new Map(), others: "free", hasPaths: false }, alternatives: 0, leaves: [] };
const scanner = new TaughtScanner(scannerOf(plan), plan);
const least = 1_000;

const threads = new ScanThreads({ count: 1, onEnded: (why) => expect.unreachable(why) });
threads.start();
afterAll(() => threads.close());
const scanning: Scanning = { threads, scanner };

/** How many slots nobody uses. */
const freeSlots = (): number => {
  const free = [];
  for (let slot = threads.take(); slot; slot = threads.take()) free.push(slot);
  for (const slot of free) threads.free(slot);
  return free.length;
};

const content = Buffer.from(`${"abcdefghi".repeat(11)}\n`.repeat(slotBytes / 25));

/** A source that uses one block of memory again for each of its readings. */
const source = (sizes: readonly number[], end?: Error) => {
  const asked = { count: 0, isOver: false };
  async function* read(): AsyncGenerator<Reading> {
    const block = Buffer.alloc(Math.max(...sizes));
    try {
      let position = 0;
      for (const [index, size] of sizes.entries()) {
        asked.count++;
        // As the read of a file takes some time.
        await turn();
        content.copy(block, 0, position % 100);
        yield { stream: "s", position, bytes: block.subarray(0, size), ...(index % 2 && { detail: index }) };
        block.fill(0);
        position += size;
      }
      if (end) throw end;
    } finally {
      asked.isOver = true;
    }
  }
  return { readings: read(), asked };
};

/** The readings as they come, put together: each is used before the next one is asked for, with pauses. */
const taken = async (readings: AsyncIterable<Reading>) => {
  const parts: Buffer[] = [];
  const details: unknown[] = [];
  let position = 0;
  for await (const { bytes, position: at, detail } of readings) {
    expect(at).toBe(position);
    if (position % 3 === 0) await turn();
    parts.push(Buffer.from(bytes));
    if (detail !== undefined && details.at(-1) !== detail) details.push(detail);
    position += bytes.length;
  }
  return { digest: hash("sha1", Buffer.concat(parts)), position, details };
};

const sizes = [10, 5_000, 999, 1_000, 200_000, 3 * slotBytes + 5, 7, 100_000, 100_000, 100_000, 100_000, 100_000];

it("readings come in their order and unchanged, whether they are scanned or not, and the memory is given back", async () => {
  await threads.ready();
  const before = threads.scans;
  const all = await taken(source(sizes).readings);
  expect(await taken(lookingAhead(source(sizes).readings, () => scanning, least))).toEqual(all);
  // Three in four of what is large enough.
  const some = (reading: Reading) => (reading.position % 4 === 0 ? undefined : scanning);
  expect(await taken(lookingAhead(source(sizes).readings, some, least))).toEqual(all);
  expect(threads.scans - before).toBeGreaterThan(10);
  expect(freeSlots()).toBe(3);
});

it("with no memory left, readings are passed on as they are", async () => {
  await threads.ready();
  const slots = [threads.take()!, threads.take()!, threads.take()!];
  const before = threads.scans;
  expect(await taken(lookingAhead(source(sizes).readings, () => scanning, least))).toEqual(
    await taken(source(sizes).readings),
  );
  expect(threads.scans).toBe(before);
  for (const slot of slots) threads.free(slot);
});

it("a source is asked for a few large readings ahead, and never while its memory is in use", async () => {
  await threads.ready();
  const ask = async (each: number) => {
    const { readings, asked } = source(new Array<number>(20).fill(each));
    const iterator = lookingAhead(readings, () => scanning, least)[Symbol.asyncIterator]();
    onTestFinished(() => void iterator.return?.());
    await iterator.next();
    for (let turns = 0; turns < 50; turns++) await turn();
    const { count } = asked;
    await iterator.return?.();
    expect(asked.isOver).toBe(true);
    return count;
  };
  expect(await ask(500)).toBe(1);
  // Three in memory for the threads, and one in its own.
  expect(await ask(50_000)).toBe(4);
  while (freeSlots() < 3) await turn();
});

it("an error of the source comes after its readings", async () => {
  await threads.ready();
  const wrong = new Error("the disk is gone");
  const lengths: number[] = [];
  const reading = async () => {
    for await (const { bytes } of lookingAhead(source([2_000, 2_001, 2_002], wrong).readings, () => scanning, least)) {
      lengths.push(bytes.length);
      for (let turns = 0; turns < 20; turns++) await turn();
    }
  };
  await expect(reading()).rejects.toBe(wrong);
  expect(lengths).toEqual([2_000, 2_001, 2_002]);
  expect(freeSlots()).toBe(3);
});
