import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, it } from "vitest";
import { recordingHost, virtualClock } from "weir/testing";
import file from "./index.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "weir-progress-"));
});
afterEach(() => rm(directory, { recursive: true, force: true }));

const lines = (count: number): string => "x".repeat(99).concat("\n").repeat(count);

/** What the source reports; time passes with each reading. */
const read = async ({ follow }: { follow: boolean }, host = recordingHost()) => {
  const told: { bytes: number; total: number }[] = [];
  const stop = new AbortController();
  const clock = virtualClock();
  const source = file.read!({
    id: "in",
    config: {
      include: [join(directory, "*.log"), join(directory, "*.gz")],
      follow,
      read_from: "beginning",
      poll_interval: 5,
    } as never,
    clock,
    log: { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined },
    signal: stop.signal,
    checkpoints: new Map(host.checkpoints),
    descriptors: 1000,
    progress: (progress) => told.push(progress),
  });
  let bytes = 0;
  for await (const reading of source) {
    host.take(reading);
    bytes += reading.bytes.length;
    await clock.advance(100);
    if (follow && bytes === 6_000_000) stop.abort();
  }
  return { told, host };
};

it("says how far the files are read, in bytes on disk, up to the end", async () => {
  const compressed = gzipSync(lines(20_000));
  await writeFile(join(directory, "a.log"), lines(40_000));
  await writeFile(join(directory, "b.log.gz"), compressed);
  const { told, host } = await read({ follow: false });
  const total = 4_000_000 + compressed.length;
  expect(told.length).toBeGreaterThan(5);
  expect(told.at(-1)).toEqual({ bytes: total, total });
  for (const [index, { bytes, total: of }] of told.entries()) {
    expect(of).toBe(total);
    expect(bytes).toBeGreaterThanOrEqual(index === 0 ? 0 : told[index - 1]!.bytes);
    expect(bytes).toBeLessThanOrEqual(total);
  }
  // There is nothing left for another run.
  expect((await read({ follow: false }, host)).told.at(-1)).toEqual({ bytes: 0, total: 0 });
});

it("says nothing of files that may grow", async () => {
  await writeFile(join(directory, "a.log"), lines(60_000));
  expect((await read({ follow: true })).told).toEqual([]);
});
