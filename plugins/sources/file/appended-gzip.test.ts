import { appendFile, mkdtemp, realpath, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterEach, beforeEach, expect, it } from "vitest";
import { logRecorder, type RecordingHost, readSource, recordingHost } from "weir/testing";
import file from "./index.ts";

let directory: string;
let path: string;
let host: RecordingHost;
let log: ReturnType<typeof logRecorder>;
beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "weir-gz-")));
  path = join(directory, "day.gz");
  host = recordingHost();
  log = logRecorder();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const run = async (world: () => Promise<unknown>) => {
  const stop = new AbortController();
  const config = { include: [join(directory, "*.gz")], follow: true, read_from: "beginning", poll_interval: 5 };
  const options = { config, checkpoints: host.checkpoints, signal: stop.signal, log };
  const reading = (async () => {
    for await (const next of readSource(file, options)) host.take(next);
  })();
  await world();
  stop.abort();
  await reading;
  host.crash();
};
const texts = () => host.lines.map(({ text }) => text);
const until = async (condition: () => boolean) => {
  for (const give = Date.now() + 20_000; !condition() && Date.now() < give; ) await sleep(2);
};
const seen = (...lines: string[]) =>
  until(() => texts().length >= lines.length).then(() => expect(texts()).toEqual(lines));
const hasEnded = () =>
  until(() => {
    const states = [...host.checkpoints.values()].map(({ detail }) => (detail as { state?: string }).state);
    return states.filter((state) => state === "ended").length === states.length - 1;
  });
const member = (...lines: string[]) => gzipSync(lines.map((line) => `${line}\n`).join(""));

const step = fc.record({
  lines: fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 4 }),
  /** Where the member is cut in two; the rest is written later. */
  cut: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
  restart: fc.boolean(),
  wait: fc.boolean(),
});

it("reads on in a gzip file to which members are appended, while it runs and while it is down", async () => {
  let count = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
      host = recordingHost();
      await rm(path, { force: true });
      const written: string[] = [];
      const write = async (lines: readonly number[], cut: number | null) => {
        const added = lines.map((length) => `${count++} ${`${count * 7919}.`.repeat(length).slice(0, length)}`);
        const bytes = member(...added);
        const at = cut === null ? bytes.length : Math.floor(cut * bytes.length);
        await appendFile(path, bytes.subarray(0, at));
        await sleep(cut === null ? 0 : 12);
        await appendFile(path, bytes.subarray(at));
        written.push(...added);
      };
      await write([5], null);
      const rest = [...steps];
      while (rest.length > 0) {
        await run(async () => {
          for (let next = rest.shift(); next; next = rest.shift()) {
            await write(next.lines, next.cut);
            if (next.wait) await until(() => texts().length >= written.length);
            if (next.restart) break;
          }
          if (rest.length === 0) await until(() => texts().length >= written.length);
        });
      }
      expect(texts()).toEqual(written);
    }),
    { numRuns: process.env["WEIR_LONG"] ? 100 : 6, endOnFailure: true },
  );
  expect(log.lines.filter(({ level }) => level !== "info")).toEqual([]);
});

it("does not read a file again that was read to its end, and reports that it has grown", async () => {
  await writeFile(path, Buffer.concat([member("a"), member("b")]));
  await run(async () => {
    await seen("a", "b");
    await hasEnded();
  });
  await run(() => sleep(40));
  expect(log.lines).toEqual([]);
  await appendFile(path, member("c"));
  await run(() => seen("a", "b", "c"));
  expect(log.lines.map(({ message }) => message)).toEqual([
    `"${path}" has grown after it was read to its end; weir continues at byte 4 of its content`,
  ]);
});

it("reports what was appended and is not gzip, once", async () => {
  await writeFile(path, member("a"));
  await run(async () => {
    await seen("a");
    await hasEnded();
    await appendFile(path, "not gzip\n");
    await until(() => log.lines.some(({ level }) => level === "error"));
    await hasEnded();
  });
  await run(() => sleep(40));
  const errors = log.lines.filter(({ level }) => level === "error").map(({ message }) => message);
  expect(errors).toEqual([expect.stringContaining(`gzip file "${path}" is truncated or corrupt after 2 bytes`)]);
});

it("reads a file with other content from the start", async () => {
  await writeFile(path, member("a", "b"));
  await run(async () => {
    await seen("a", "b");
    await hasEnded();
  });
  await writeFile(path, member("a", "c", "d"));
  await run(() => seen("a", "b", "a", "c", "d"));
  expect(log.lines).toEqual([]);
});
