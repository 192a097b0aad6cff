import { copyFile, mkdtemp, readFile, realpath, rename, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import type { Reading } from "weir";
import { logRecorder, type RecordingHost, readSource, recordingHost } from "weir/testing";
import file from "./index.ts";

let directory: string;
let path: string;
let host: RecordingHost;
let log: ReturnType<typeof logRecorder>;

beforeEach(async () => {
  directory = await realpath(await mkdtemp(join(tmpdir(), "weir-copies-")));
  path = join(directory, "audit.log");
  host = recordingHost();
  log = logRecorder();
  now = Date.now();
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const rotated = (name: string) => join(directory, `audit-2031-01-01T00-00-0${name}.log`);
const texts = () => host.lines.map(({ text }) => text);
const logged = (level: string) => log.lines.filter((line) => line.level === level).map(({ message }) => message);

/** Files are looked for when this clock is advanced, or when there is nothing to read: then a second passes at once. */
let now: number;
const clock = {
  now: () => now,
  monotonic: () => now,
  sleep: async (ms: number) => {
    now += Math.max(ms, 1_000);
    await sleep(1);
  },
};

/** Reads until `isOver` says so after a reading, and is killed then. */
const run = async (isOver: (reading: Reading) => unknown) => {
  const config = { include: [path], follow: true, read_from: "beginning", poll_interval: 5 };
  const signal = AbortSignal.timeout(20_000);
  for await (const reading of readSource(file, { config, checkpoints: host.checkpoints, signal, log, clock })) {
    host.take(reading);
    if (await isOver(reading)) break;
  }
  host.crash();
  expect(signal.aborted, `${texts().length} lines, the last: ${texts().at(-1)?.slice(0, 20)}`).toBe(false);
};

const detailOf = ({ detail }: Reading) => detail as { readonly state?: string; readonly inode?: string };
const isCopy = (reading: Reading) => detailOf(reading).state === "copy";

const first = "a".repeat(80);
const unread = "b".repeat(600_000);
const last = "c".repeat(80);
const older = Array.from({ length: 40_000 }, (_, index) => `${index} ${"o".repeat(80)}`);

interface Unread {
  readonly onRead?: () => Promise<void>;
  readonly isOver: (reading: Reading) => boolean;
}

/**
 * Runs until a copy is known of a log of which nothing could be read, because an older file is read first; then as long
 * as `isOver` says. Of the older file, nothing is left to read when `onRead` is called.
 */
const runWithUnreadLog = async ({ onRead = async () => undefined, isOver }: Unread) => {
  await writeFile(path, `${first}\n`);
  await run(() => texts().length > 0);
  await rename(path, rotated("0"));
  await writeFile(rotated("1"), `${older.join("\n")}\n`);
  await writeFile(path, `${unread}\n`);
  let [isCopied, isKnown, isRead] = [false, false, false];
  await run(async (reading) => {
    isKnown ||= isCopy(reading);
    if (!isKnown) now += 1_000;
    if (!isCopied && reading.bytes.length > 0) await copyFile(path, rotated("2"));
    isCopied ||= reading.bytes.length > 0;
    if (!isRead && texts().length === 1 + older.length) {
      isRead = true;
      expect(isKnown).toBe(true);
      await onRead();
    }
    return isOver(reading);
  });
};

const all = () => [first, ...older, unread, last].sort();

it("keeps its place in a compressed copy of which nothing was read before it was killed", async () => {
  let archive: string | undefined;
  await runWithUnreadLog({
    async onRead() {
      await writeFile(`${rotated("2")}.gz`, gzipSync(await readFile(rotated("2"))));
      await rm(rotated("2"));
      archive = String((await stat(`${rotated("2")}.gz`)).ino);
      await writeFile(path, `${last}\n`);
    },
    isOver: (reading) => !isCopy(reading) && detailOf(reading).inode === archive,
  });
  expect(texts()).toEqual([first, ...older]);
  await run(() => texts().length >= all().length);
  expect(texts().sort()).toEqual(all());
  expect(logged("error")).toEqual([]);
});

it("reads a copy that was away when the log was found truncated", async () => {
  await runWithUnreadLog({ isOver: isCopy });
  const elsewhere = join(directory, "elsewhere");
  await rename(rotated("2"), elsewhere);
  await writeFile(path, `${last}\n`);
  await run(() => texts().includes(last));
  expect(logged("warn")).toEqual([
    expect.stringContaining("is gone (deleted, or no longer included): anything after byte 0"),
  ]);
  await rename(elsewhere, rotated("2"));
  await run(() => texts().length >= all().length);
  expect(texts().sort()).toEqual(all());
  expect(logged("error")).toEqual([]);
});

it("reads the copy of a log that was deleted before it was read", async () => {
  await runWithUnreadLog({ isOver: isCopy });
  await writeFile(join(directory, "new"), `${last}\n`);
  await rename(join(directory, "new"), path);
  await run(() => texts().length >= all().length);
  expect(texts().sort()).toEqual(all());
  expect(logged("error")).toEqual([]);
});
