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
  defineTransform,
  type Log,
  type Outcome,
  type Plugin,
  type Reading,
  type Writer,
} from "weir";
import { systemClock } from "weir/testing";
import { type DataDir, type MakeWriter, openDataDir, writerOver } from "../../src/runtime/data-dir.ts";
import { Runtime, type RuntimeOptions } from "../../src/runtime/runtime.ts";
import type { Stats } from "../../src/runtime/stats.ts";
import { turn, type VirtualClock } from "../../src/testing/index.ts";
import {
  type Component,
  type Delivering,
  defaultCalling,
  defaultDelivering,
  type Topology,
  type Transforming,
  topologyOf,
} from "../../src/topology/topology.ts";
import type { BulkStep, CreateTransform, EachStep, KeepTransform } from "../../src/transform/transform.ts";

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
  readonly settled?: (outcome: "committed" | "abandoned", end: number) => void;
}

/** A source that reads what it is given and, with `follow`, then waits until it is stopped. */
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
      let index = offsets.indexOf(checkpoints.get("s")?.position ?? 0);
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

/** A sink that keeps what it gets; `write` may throw, or answer an outcome. */
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

type None = Record<string, never>;
const planted = { summary: "Planted.", options: {} } as const;

/** An RxJS operator on batches. */
export const transformOf = (create: CreateTransform<None>["create"], name = "planted"): Plugin =>
  defineTransform({ name, ...planted, create });

/** A step of `each`. */
export const eachOf = (step: EachStep | BulkStep, name = "planted"): Plugin =>
  defineTransform({ name, ...planted, each: () => step });

/** A step of `keep`. */
export const keepOf = (keep: KeepTransform<None>["keep"], name = "planted"): Plugin =>
  defineTransform({ name, ...planted, keep });

type Placing = readonly [
  plugin: unknown,
  inputs?: readonly string[],
  host?: number | Partial<Delivering> | Partial<Transforming>,
  config?: Readonly<Record<string, unknown>>,
];

const disk = (maxSize: number): Partial<Delivering> => ({ buffer: { type: "disk", maxSize, whenFull: "block" } });

/** A topology of plugins as they are, by id; the third place is what the host does: for a sink, also its buffer's size. */
export const topology = (components: Readonly<Record<string, Placing>>): Topology =>
  topologyOf(
    Object.entries(components).map(([id, [value, inputs = [], delivering = {}, config = {}]]) => {
      const plugin = value as Plugin;
      const decoding = plugin.kind === "source" ? plugin.decoding : undefined;
      const host =
        plugin.kind === "source"
          ? { codec: decoding?.codec ?? "text", framing: decoding?.framing ?? "newline", maxLine: 1024 * 1024 }
          : plugin.kind === "sink"
            ? { ...defaultDelivering(plugin), ...(typeof delivering === "number" ? disk(delivering) : delivering) }
            : {
                outputs: plugin.outputs?.(config as never) ?? [],
                dropOutputs: [],
                ...(plugin.each && plugin.async && { calling: defaultCalling() }),
                ...(delivering as Partial<Transforming>),
              };
      return { id, kind: plugin.kind, plugin, config, host, inputs } as unknown as Component;
    }),
  );

export interface Running {
  readonly runtime: Runtime;
  readonly log: readonly string[];
  readonly data: DataDir;
}

/** Starts a topology on a data dir, with the committer in this thread unless told otherwise. */
export const startRun = async (
  plan: Topology,
  dataDir: string,
  options: Partial<RuntimeOptions> & { makeWriter?: MakeWriter; clock?: Clock } = {},
): Promise<Running> => {
  const { lines: logged, log } = recordedLog();
  const data = openDataDir(dataDir, options.makeWriter ?? writerOver());
  const runtime = new Runtime(plan, data, { clock: systemClock, log, ...options });
  await runtime.start();
  return { runtime, log: logged, data };
};

/** Real time, but a sleep of less than two seconds takes only a turn of the event loop. */
export const hurriedClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => (ms < 2000 ? turn() : systemClock.sleep(ms, signal)),
};

/** Turns the event loop until it is so, taking a step in each turn; gives up when it takes half a minute. */
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

/** What does not balance, by component: empty when the law of conservation holds. */
export const unbalancedComponents = ({ components }: Stats): Record<string, number> =>
  Object.fromEntries(
    Object.entries(components).flatMap(([id, { unbalanced_events }]) =>
      unbalanced_events === 0 ? [] : [[id, unbalanced_events]],
    ),
  );
