import { Worker } from "node:worker_threads";
import { expect, it, onTestFinished } from "vitest";
import type { ScanPlan } from "../plan.ts";
import { scannerOf } from "../scanner.ts";
import { TaughtScanner } from "./lessons.ts";
import { ScanThreads, type ScanThreadsOptions } from "./scan-threads.ts";

const plan: ScanPlan = {
  root: { members: new Map([["verb", { types: ["string"], leaf: 0 }]]), others: "free", hasPaths: false },
  alternatives: 1,
  leaves: [{ absent: new Uint32Array([0]), otherTexts: undefined }],
};

const running = async (options: Partial<ScanThreadsOptions>) => {
  const ended: string[] = [];
  const threads = new ScanThreads({ count: 2, onEnded: (why) => ended.push(why), ...options });
  onTestFinished(() => threads.close());
  expect(threads.take()).toBeUndefined();
  threads.start();
  await threads.ready();
  return { threads, ended };
};

const lines = '{"verb":"list"}\n{"verb":"get"}\n{"verb":"watch"}\n';

it("before a scan, each thread gets the lessons that the scanner has had, and forgets a scanner that has ended", async () => {
  const { threads, ended } = await running({});
  const taught = new TaughtScanner(scannerOf(plan), plan);
  const found = async () => {
    const slot = threads.take()!;
    const length = slot.bytes.write(lines);
    expect(await threads.scan(slot, 0, length, taught)).toBe(true);
    const { firstFound, count } = slot.run(0);
    const all = Array.from({ length: count }, (_, index) => slot.found(firstFound + index));
    threads.free(slot);
    return all.map(({ start, why }) => [start, why]);
  };
  const both = () => Promise.all([found(), found()]);
  const unknown = [0, 16, 31].map((start) => [start, "unknown"]);
  expect(await both()).toEqual([unknown, unknown]);
  taught.learn(0, Buffer.from('"list"'), new Uint32Array([0]));
  taught.learn(0, Buffer.from('"get"'), new Uint32Array([1]));
  const less = [
    [16, "wanted"],
    [31, "unknown"],
  ];
  expect(await both()).toEqual([less, less]);
  threads.end(taught);
  expect(await both()).toEqual([less, less]);
  expect(threads.scans).toBe(6);
  expect(ended).toEqual([]);
});

it("has memory for a few parts of readings, and none when it is closed", async () => {
  const { threads } = await running({ count: 1 });
  const slots = [threads.take(), threads.take(), threads.take()];
  expect(slots).not.toContain(undefined);
  expect(threads.take()).toBeUndefined();
  threads.free(slots[0]!);
  expect(threads.take()).toBe(slots[0]);
  await threads.close();
  threads.free(slots[1]!);
  expect(threads.take()).toBeUndefined();
});

it("what a thread has not scanned when it ends is not scanned, and the others go on", async () => {
  let number = 0;
  const dying = () =>
    new Worker(
      `const { parentPort } = require("node:worker_threads");
      parentPort.once("message", () => { throw new Error("it broke") });
      parentPort.postMessage("ready");`,
      { eval: true },
    );
  const good = () => new Worker(new URL("./scan-worker.ts", import.meta.url), { workerData: "weir scan worker" });
  const { threads, ended } = await running({ start: () => (number++ === 0 ? dying() : good()) });
  const taught = new TaughtScanner(scannerOf(plan), plan);
  const scan = () => {
    const slot = threads.take()!;
    return threads.scan(slot, 0, slot.bytes.write(lines), taught).finally(() => threads.free(slot));
  };
  // Two for each, in turns: the first thread has the first and the third.
  expect(await Promise.all([scan(), scan(), scan(), scan()])).toEqual([false, true, false, true]);
  expect(ended).toEqual(["it broke"]);
  expect(await Promise.all([scan(), scan()])).toEqual([true, true]);
});

it("a thread that cannot start is not waited for", async () => {
  const { threads, ended } = await running({ count: 1, start: () => new Worker("syntax error", { eval: true }) });
  expect(threads.take()).toBeUndefined();
  expect(ended).toEqual([expect.stringContaining("Unexpected identifier")]);
});
