import { defineSource, type Reading } from "weir";
import { systemClock } from "weir/testing";
import { openStopped } from "../../src/control/stopped.ts";
import type { ScanThreads } from "../../src/scan/ahead/scan-threads.ts";
import { Reader } from "../../src/storage/reader.ts";
import { turn } from "../../src/testing/index.ts";
import { type Component, type Topology, topologyOf } from "../../src/topology/topology.ts";
import { keeping, startRun, temporaryDir } from "../runtime/harness.ts";

/** A source that reads given bytes, a reading of at most `cut` bytes at a time. */
const reading = (bytes: Buffer, cut: number, ready: Promise<void>) =>
  defineSource({
    name: "given",
    summary: "Reads given bytes.",
    options: {},
    async *read(): AsyncGenerator<Reading> {
      await ready;
      for (let at = 0; at < bytes.length; at += cut) {
        yield { stream: "s", position: at, bytes: bytes.subarray(at, at + cut), end: at + cut >= bytes.length };
        await turn();
      }
    },
  });

/** A source that offers each line as a stream of its own, as a server does with requests. */
const offering = (bytes: Buffer) =>
  defineSource({
    name: "given",
    summary: "Offers given bytes.",
    options: {},
    async listen(_context, offer) {
      for (let at = 0, number = 0; at < bytes.length; number++) {
        const feed = bytes.indexOf(0x0a, at);
        const end = feed < 0 ? bytes.length : feed;
        const reading: Reading = {
          stream: String(number),
          position: 0,
          bytes: bytes.subarray(at, end),
          once: true,
          // Not every one is waited for.
          ...(number % 3 === 0 && { settled: () => undefined }),
        };
        while (offer(reading) === "full") await turn();
        at = end + 1;
      }
    },
  });

/** All events come at this time. */
const clock = { ...systemClock, now: () => Date.UTC(2026, 4, 6) };

export interface Given {
  readonly topology: Topology;
  readonly bytes: Buffer;
  readonly cut: number;
  /** Whether each line is a request. */
  readonly areRequests?: boolean;
}

/** Runs a pipeline on given bytes, and returns all that it left behind. */
export const leftBy = async (
  { topology, bytes, cut, areRequests = false }: Given,
  { passesOver, scanThreads }: { readonly passesOver: boolean; readonly scanThreads?: ScanThreads },
) => {
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  const kept: Record<string, unknown> = {};
  const components = topology.components.map((component): Component => {
    if (component.kind === "source")
      return { ...component, plugin: areRequests ? offering(bytes) : reading(bytes, cut, ready), config: {} };
    if (component.kind === "transform") return component;
    const sink = keeping();
    kept[component.id] = sink.kept;
    return { ...component, plugin: sink.plugin, config: {} };
  });
  const dataDir = temporaryDir();
  const { runtime, log } = await startRun(topologyOf(components, topology.shared), dataDir, {
    clock,
    passesOver,
    scanThreads,
  });
  await scanThreads?.ready();
  isReady();
  const letters: unknown[] = [];
  const ended = await runtime.ended;
  const { components: stats } = runtime.stats();
  const { passed_over: passedOver = 0, ...notes } = stats["in"]!.component_notes_total;
  const reader = new Reader(`${dataDir}/weir.db`);
  const { checkpoints } = reader.load();
  reader.close();
  const stopped = openStopped(dataDir);
  for await (const letter of stopped.letters({})) letters.push({ head: letter.head, data: letter.data });
  stopped.close();
  const left = {
    ended,
    kept,
    stats: { ...stats, in: { ...stats["in"], component_notes_total: notes } },
    checkpoints,
    letters,
    log: log.filter((line) => !line.includes(" debug ")),
  };
  return { left, passedOver };
};
