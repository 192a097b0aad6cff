import { appendFile, mkdtemp, realpath, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type RecordingHost, readSource, recordingHost } from "weir/testing";
import file from "./index.ts";

const logs = ["one", "two"] as const;
const log = fc.constantFrom(...logs);

/** What happens to the files while the source is down. */
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("line" as const), log }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("half a line" as const), log }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("rotate" as const), log }) },
);
/** A run is killed after so many readings, but not before its look for files is over. */
const run = fc.record({ readings: fc.nat(3), afterwards: fc.array(change, { maxLength: 6 }) });

const newWorld = async () => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "weir-start-")));
  const written: Record<string, string[]> = { one: [], two: [] };
  const open: Record<string, string> = {};
  let count = 0;
  const pathOf = (log: string) => join(directory, `${log}.log`);
  return {
    directory,
    written,
    async apply(step: { readonly do: string; readonly log: string }): Promise<void> {
      const path = pathOf(step.log);
      if (step.do === "rotate") {
        if (open[step.log] !== undefined) await this.apply({ do: "line", log: step.log });
        const name = `${step.log}-2026-01-01T00-00-${String(count++).padStart(2, "0")}.000.log`;
        await rename(path, join(directory, name)).catch(() => undefined);
        await writeFile(path, "");
        return;
      }
      const text = `${count++} of ${step.log};`;
      await appendFile(path, step.do === "line" ? `${text}\n` : text);
      open[step.log] = (open[step.log] ?? "") + text;
      if (step.do !== "line") return;
      written[step.log]!.push(open[step.log]!);
      delete open[step.log];
    },
  };
};

const read = async (directory: string, host: RecordingHost, isOver: (readings: number) => boolean) => {
  const stop = new AbortController();
  const late = AbortSignal.timeout(20_000);
  let readings = 0;
  const timer = setInterval(() => (late.aborted || isOver(readings)) && stop.abort(), 1);
  const config = {
    include: logs.map((log) => join(directory, `${log}.log`)),
    follow: true,
    read_from: "beginning",
    poll_interval: 5,
  };
  for await (const reading of readSource(file, { config, checkpoints: host.checkpoints, signal: stop.signal })) {
    host.take(reading);
    if (reading.bytes.length > 0) readings++;
    if (isOver(readings)) break;
  }
  clearInterval(timer);
  host.crash();
};

const hasLooked = ({ checkpoints }: RecordingHost) =>
  (checkpoints.get("first-look")?.detail as { progress?: string } | undefined)?.progress === "over";

it("reads all that was written after the first start, whatever the runs in between have read of it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(change, { maxLength: 4 }),
      fc.array(run, { minLength: 1, maxLength: 4 }),
      async (before, runs) => {
        const world = await newWorld();
        const host = recordingHost();
        for (const step of before) if (step.do !== "rotate") await world.apply(step);
        const all = () => Object.values(world.written).flat();
        for (const { readings, afterwards } of runs) {
          await read(world.directory, host, (count) => {
            const isRead = host.lines.length >= all().length;
            return hasLooked(host) && (count >= readings || isRead);
          });
          for (const step of afterwards) await world.apply(step);
        }
        await read(world.directory, host, () => host.lines.length >= all().length);
        const texts = host.lines.map(({ text }) => text);
        for (const log of logs)
          expect(texts.filter((text) => text.includes(` of ${log};`))).toEqual(world.written[log]);
        await rm(world.directory, { recursive: true });
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 300 : 25, endOnFailure: true },
  );
});

it("goes on with a first look that was killed, and does not repeat one that an earlier version finished", async () => {
  const directory = await realpath(await mkdtemp(join(tmpdir(), "weir-start-")));
  const include = logs.map((log) => join(directory, `${log}.log`));
  for (const path of include) await writeFile(path, "old\n");
  const options = { config: { include, follow: true, read_from: "end", poll_interval: 5 } };
  const host = recordingHost();
  for await (const reading of readSource(file, { ...options, checkpoints: host.checkpoints })) {
    host.take(reading);
    if (host.checkpoints.size === 2) break;
  }
  const start = async (change: () => Promise<unknown>, expected: readonly string[]) => {
    const stop = new AbortController();
    const late = AbortSignal.timeout(20_000);
    const timer = setInterval(() => (late.aborted || host.lines.length >= expected.length) && stop.abort(), 1);
    for await (const reading of readSource(file, { ...options, checkpoints: host.checkpoints, signal: stop.signal })) {
      host.take(reading);
      if (hasLooked(host)) await change();
    }
    clearInterval(timer);
    expect(host.lines.map(({ text }) => text)).toEqual(expected);
  };
  let isChanged = false;
  await start(async () => {
    if (!isChanged) for (const path of include) await appendFile(path, "new\n");
    isChanged = true;
  }, ["new", "new"]);
  host.checkpoints.delete("first-look");
  await rename(include[0]!, join(directory, "one-2026-01-01T00-00-00.000.log"));
  await writeFile(join(directory, "one-2026-01-01T00-00-01.000.log"), "between\n");
  await start(async () => undefined, ["new", "new", "between"]);
  await rm(directory, { recursive: true });
});
