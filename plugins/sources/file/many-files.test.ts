import { readdirSync, readlinkSync } from "node:fs";
import { appendFile, mkdir, mkdtemp, realpath, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { logRecorder, readSource, recordingHost } from "weir/testing";
import file from "./index.ts";

let directory: string;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "weir-many-")));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

/** How many files below `folder` this process has open. */
const openIn = (folder: string) =>
  readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(folder);
    } catch {
      return false;
    }
  }).length;

/** Follows the logs of a folder while `world` changes them. */
const follow = async (folder: string, mostOpen: number, world: (texts: () => string[]) => Promise<void>) => {
  const host = recordingHost();
  const log = logRecorder();
  const stop = new AbortController();
  const include = [join(folder, "*.log")];
  const config = { include, follow: true, read_from: "beginning", max_open_files: mostOpen, poll_interval: 5 };
  const options = { config, checkpoints: host.checkpoints, signal: stop.signal, log };
  let mostSeen = 0;
  const reading = (async () => {
    for await (const next of readSource(file, options)) {
      host.take(next);
      mostSeen = Math.max(mostSeen, openIn(folder));
    }
  })();
  try {
    await world(() => host.lines.map(({ text }) => text));
  } finally {
    stop.abort();
    await reading;
  }
  const byStream = Map.groupBy(host.lines, ({ stream }) => stream);
  return { log, mostSeen, logs: [...byStream.values()].map((lines) => lines.map(({ text }) => text)) };
};

const until = async (condition: () => boolean) => {
  for (const give = Date.now() + 20_000; !condition() && Date.now() < give; ) await sleep(2);
};

const name = fc.integer({ min: 0, max: 11 });
const change = fc.oneof(
  { weight: 8, arbitrary: fc.record({ do: fc.constant("append" as const), log: name, large: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("rotate" as const), log: name }) },
  { weight: 3, arbitrary: fc.constant({ do: "pause" as const }) },
);

it("reads every line once and in order within its file, with fewer descriptors than files", async () => {
  let run = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { minLength: 20, maxLength: 80 }),
      fc.integer({ min: 1, max: 4 }),
      async (plan, mostOpen) => {
        const folder = join(directory, String(run++));
        await mkdir(folder);
        let count = 0;
        /** What was written, by file. */
        const written: string[][] = [];
        const current = new Map<number, string[]>();
        const append = async (log: number, large: boolean) => {
          const line = `${count++} of ${log} ${"x".repeat(large ? 700_000 : 100)}`;
          if (!current.has(log)) current.set(log, written[written.push([]) - 1]!);
          current.get(log)!.push(line);
          await appendFile(join(folder, `${log}.log`), `${line}\n`);
        };
        for (let log = 0; log < 12; log++) await append(log, false);
        const { log, logs, mostSeen } = await follow(folder, mostOpen, async (texts) => {
          await until(() => texts().length === 12);
          for (const step of plan) {
            if (step.do === "append") await append(step.log, step.large);
            else if (step.do === "pause") await sleep(8);
            else if (current.delete(step.log))
              await rename(
                join(folder, `${step.log}.log`),
                join(folder, `${step.log}.log.2031${String(count).padStart(4, "0")}-${String(count).padStart(6, "0")}`),
              );
          }
          await until(() => texts().length === count);
        });
        const sorted = (files: string[][]) => files.map((lines) => lines.join("\n")).sort();
        expect(sorted(logs)).toEqual(sorted(written));
        // One more may be open while it is examined.
        expect(mostSeen).toBeLessThanOrEqual(mostOpen + 1);
        expect(log.lines).toEqual([]);
        await rm(folder, { recursive: true });
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 100 : 6, endOnFailure: true },
  );
});

it("reads files that are there before new ones have been examined", async () => {
  const include = [join(directory, "*.log")];
  const config = { include, follow: true, read_from: "beginning", poll_interval: 5 };
  const host = recordingHost();
  const stop = new AbortController();
  await writeFile(join(directory, "old.log"), "a\n");
  let isBusy = false;
  for await (const reading of readSource(file, { config, signal: stop.signal })) {
    host.take(reading);
    const texts = host.lines.map(({ text }) => text);
    if (!isBusy && texts.length > 0) {
      isBusy = true;
      for (let index = 0; index < 1_000; index++) await writeFile(join(directory, `new-${index}.log`), `${index}\n`);
      await appendFile(join(directory, "old.log"), "b\n");
    }
    if (texts.length === 1_002) stop.abort();
  }
  const texts = host.lines.map(({ text }) => text);
  expect(texts.indexOf("b")).toBeLessThan(1_000);
  expect(new Set(texts).size).toBe(1_002);
});
