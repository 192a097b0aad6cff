import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { defineSink, type Log, type Plugin, type Writer } from "weir";
import { systemClock } from "weir/testing";
import { trusted } from "../../src/cli/plugins.ts";
import { openStopped } from "../../src/control/stopped.ts";
import { openDataDir, writerOver } from "../../src/runtime/data-dir.ts";
import { Runtime } from "../../src/runtime/runtime.ts";
import type { ScanThreads } from "../../src/scan/ahead/scan-threads.ts";
import { Reader } from "../../src/storage/reader.ts";
import { idOf } from "../../src/topology/reference.ts";
import { type Component, type Topology, topologyOf } from "../../src/topology/topology.ts";
import { loaded, type PipelineFiles } from "./pipeline-files.ts";
import { answersTo, isForServer, type Sent, sourceOf } from "./sent.ts";

/** What a run of a pipeline is given. */
export interface Given {
  readonly pipeline: PipelineFiles;
  readonly sent: Sent;
  /** The number of the source that gets it, modulo how many there are; the others get nothing. */
  readonly source?: number;
}

/** What a sink got, or a dead letter: its head is the `id`. */
export interface KeptEvent {
  readonly id: unknown;
  readonly json: string;
}

/** How a pipeline reads. Nothing that it leaves behind depends on it. */
export interface Mode {
  readonly passesOver: boolean;
  readonly scanThreads?: ScanThreads | undefined;
  /** Every record is parsed as a whole, its data is frozen and checked, and nothing is changed in the text of a record. */
  readonly parsesAll?: boolean;
}

/** All events come at this time, before what they tell of: so no tick is due until the end, however fast the run is. */
const clock = { ...systemClock, now: () => Date.UTC(2020, 0, 1), monotonic: () => 0 };

/** Runs a pipeline in a mode, and returns all that it left behind. */
export const leftBy = async ({ pipeline, sent, source = 0 }: Given, mode: Mode) => {
  const topology = await loaded(pipeline);
  const dataDir = mkdtempSync(join(tmpdir(), "weir-test-"));
  try {
    const ran = await run(topology, sent, source, mode, dataDir);
    return { ...ran, left: { ...ran.left, ...(await storedIn(dataDir)) } };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
};

const run = async (topology: Topology, sent: Sent, source: number, mode: Mode, dataDir: string) => {
  const { promise: ready, resolve: isReady } = Promise.withResolvers<void>();
  const sources = topology.components.filter(({ kind }) => kind === "source").map(({ id }) => id);
  const chosen = sources[source % sources.length];
  const kept: Record<string, KeptEvent[]> = {};
  const components = topology.components.map((component): Component => {
    if (component.kind === "transform") return mode.parsesAll ? parsing(component) : component;
    if (component.kind === "sink") {
      const events: KeptEvent[] = [];
      kept[component.id] = events;
      return { ...component, plugin: keepingIn(events), config: {} };
    }
    if (isForServer(sent)) return component;
    return { ...component, plugin: sourceOf(component.id === chosen ? sent : undefined, ready), config: {} };
  });
  const { lines, log } = recordedLog();
  const runtime = new Runtime(topologyOf(components, topology.shared), openDataDir(dataDir, writerOver()), {
    clock,
    log,
    trusted: mode.parsesAll ? new Set<Plugin>() : trusted,
    passesOver: mode.passesOver,
    scanThreads: mode.scanThreads,
    machine: { host: "north-1", version: "0" },
  });
  await runtime.start();
  await mode.scanThreads?.ready();
  isReady();
  const answers = isForServer(sent) ? await answersTo(sent, lines) : undefined;
  if (answers) await runtime.stop(60_000);
  const ended = await runtime.ended;
  // How the events of several inputs are put together depends on how a reading was cut, which depends on time.
  const joining = joiningIn(topology);
  for (const [id, events] of Object.entries(kept)) if (joining.has(id)) events.sort(byText);
  let passedOver = 0;
  const stats = Object.fromEntries(
    Object.entries(runtime.stats().components).map(([id, component]) => {
      const { passed_over = 0, ...notes } = component.component_notes_total;
      passedOver += passed_over;
      return [id, { ...component, component_notes_total: notes }];
    }),
  );
  // Which dead letter is told of depends on which of several came first.
  const said = lines
    .filter((line) => !/ debug |listening on/.test(line))
    .map((line) => line.replace(/(went to the dead letter).*/s, "$1"))
    .sort();
  return { left: { ended, answers, kept, stats, log: said }, passedOver };
};

const byText = (a: KeptEvent, b: KeptEvent): number => (textOf(a) < textOf(b) ? -1 : 1);

const textOf = ({ id, json }: KeptEvent): string => JSON.stringify([id, JSON.parse(json)]);

/** The components with several inputs, and all after them. */
const joiningIn = ({ components }: Topology): ReadonlySet<string> => {
  const joining = new Set<string>();
  for (const { id, inputs } of components)
    if (inputs.length > 1 || inputs.some((input) => joining.has(idOf(input)))) joining.add(id);
  return joining;
};

/** The transform, on events that are parsed and checked, without its short cuts. */
const parsing = (component: Extract<Component, { kind: "transform" }>): Component => {
  const { plugin } = component;
  const { each } = plugin;
  if (!each) return { ...component, plugin: { ...plugin } };
  return {
    ...component,
    plugin: {
      ...plugin,
      each: (context) => {
        const step = each(context);
        return typeof step === "object" ? step : (event, tools) => step(event, { ...tools, trace: () => undefined });
      },
    },
  };
};

/** A sink that keeps what it gets, as it is written. */
const keepingIn = (kept: KeptEvent[]) =>
  defineSink({
    name: "keeping",
    summary: "Keeps what it gets.",
    options: {},
    open: (): Writer => ({
      async write(events) {
        for (const { id, json } of events) kept.push({ id, json });
      },
    }),
  });

const recordedLog = () => {
  const lines: string[] = [];
  const log = (component: string): Log => {
    const at = (level: string) => (message: string) => void lines.push(`${component} ${level} ${message}`);
    return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error") };
  };
  return { lines, log };
};

const storedIn = async (dataDir: string) => {
  const reader = new Reader(`${dataDir}/weir.db`);
  const { checkpoints } = reader.load();
  reader.close();
  const stopped = openStopped(dataDir);
  const letters: KeptEvent[] = [];
  for await (const { head, data } of stopped.letters({})) letters.push({ id: head, json: data });
  // Of a batch, those of the source come first, and how large a batch is depends on time.
  letters.sort(byText);
  stopped.close();
  return { checkpoints, letters };
};
