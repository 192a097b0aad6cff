import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import {
  type Clock,
  type Data,
  type Delivery,
  defineSink,
  defineSource,
  type Log,
  type Outcome,
  type Reading,
  type Writer,
} from "weir";
import { systemClock } from "weir/testing";
import { type DataDir, type MakeWriter, openDataDir, writerOver } from "../../src/runtime/data-dir.ts";
import { Runtime } from "../../src/runtime/runtime.ts";
import type { RuntimeOptions } from "../../src/runtime/runtime-options.ts";
import { turn, type VirtualClock } from "../../src/testing/index.ts";
import type { Topology } from "../../src/topology/topology.ts";

export { eachOf, keepOf, topology, transformOf, unbalancedComponents } from "./placed.ts";

export const temporaryDir = (): string => {
  const path = mkdtempSync(join(tmpdir(), "weir-test-"));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return path;
};

/** Lines of every log, as `component level message`. */
export const recordedLog = () => {
  const lines: string[] = [];
  const log = (component: string): Log => {
    const at = (level: string) => (message: string) => void lines.push(`${component} ${level} ${message}`);
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  };
  return { lines, log };
};

interface LinesOptions {
  readonly follow?: boolean;
  readonly perReading?: number;
  /** Called before each reading, with the number of its records. */
  readonly onReading?: (count: number) => void;
  /** `end`: the position after the reading. */
  readonly settled?: (outcome: "committed" | "abandoned" | "refused", end: number) => void;
}

/** A source that sends the given records and, with `follow`, then waits until it is stopped. */
export const lines = (
  records: readonly Data[],
  { follow = false, perReading = 7, onReading = (_count: number): void => undefined, settled }: LinesOptions = {},
) =>
  defineSource({
    name: "lines",
    summary: "Reads given records.",
    options: {},
    decoding: { codec: "json" },
    async *read({ checkpoints, signal }): AsyncGenerator<Reading> {
      const text = records.map((record) => `${JSON.stringify(record)}\n`);
      const offsets = [0];
      for (const line of text) offsets.push(offsets.at(-1)! + Buffer.byteLength(line));
      const place = offsets.indexOf(checkpoints.get("s")?.position ?? 0);
      // Of a run with other records.
      let index = place < 0 ? records.length : place;
      while (index < records.length && !signal.aborted) {
        const next = Math.min(records.length, index + perReading);
        const end = offsets[next]!;
        onReading(next - index);
        yield {
          stream: "s",
          position: offsets[index]!,
          bytes: Buffer.from(text.slice(index, next).join("")),
          ...(settled && { settled: (outcome) => settled(outcome, end) }),
        };
        index = next;
        await new Promise((resolve) => setImmediate(resolve));
      }
      if (follow && !signal.aborted)
        await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
    },
  });

/** A sink that collects its events; `write` may throw, or return an outcome. */
export const keeping = (write: (events: readonly Delivery[]) => unknown = () => undefined) => {
  const kept: { readonly id: string; readonly data: Data }[] = [];
  const plugin = defineSink({
    name: "keeping",
    summary: "Keeps what it gets.",
    options: {},
    open: (): Writer => ({
      async write(events) {
        const outcome = (await write(events)) as Outcome | undefined;
        const failed = new Set(outcome?.failed?.map(({ index }) => index));
        for (const [index, { id, data }] of events.entries()) if (!failed.has(index)) kept.push({ id, data });
        return outcome;
      },
    }),
  });
  return { kept, plugin };
};

export interface Running {
  readonly runtime: Runtime;
  readonly log: readonly string[];
  readonly data: DataDir;
}

/** Starts a topology on a data dir; by default the committer runs in this thread. */
export const startRun = async (
  plan: Topology,
  dataDir: string,
  options: Partial<RuntimeOptions> & { makeWriter?: MakeWriter; clock?: Clock; recover?: boolean } = {},
): Promise<Running> => {
  const { lines: logged, log } = recordedLog();
  const data = openDataDir(dataDir, options.makeWriter ?? writerOver(), options);
  const runtime = new Runtime(plan, data, { clock: systemClock, log, ...options });
  await runtime.start();
  return { runtime, log: logged, data };
};

/** Real time, but a sleep of less than 1.5 seconds takes only a turn of the event loop. */
export const hurriedClock: Clock = {
  ...systemClock,
  sleep: (ms, signal) => (ms < 1500 ? turn() : systemClock.sleep(ms, signal)),
};

/** Turns the event loop until the condition holds, with a step in each turn. Fails after half a minute. */
export const until = async (isSo: () => boolean, step: () => unknown = () => undefined): Promise<void> => {
  const patience = performance.now() + 30_000;
  for (let turns = 0; performance.now() < patience; turns++) {
    if (isSo()) return;
    await step();
    await (turns < 100 ? turn() : systemClock.sleep(1));
  }
  throw new Error("half a minute went by, and it is not so");
};

/** Moves a virtual clock on until the work is done, slowly enough for the disk to keep pace. */
export const inTime = async <T>(clock: VirtualClock, work: Promise<T>): Promise<T> => {
  let isDone = false;
  void work.finally(() => {
    isDone = true;
  });
  await until(
    () => isDone,
    () => clock.advance(500).then(() => systemClock.sleep(5)),
  );
  return work;
};

export const numbers = (count: number): { readonly n: number }[] => Array.from({ length: count }, (_, n) => ({ n }));
