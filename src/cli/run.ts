import { availableParallelism } from "node:os";
import { systemClock } from "../clock.ts";
import { isObject } from "../json.ts";
import type { Endpoint } from "../observe/endpoint.ts";
import type { ListenAddress } from "../observe/listen-address.ts";
import type { Log } from "../plugin.ts";
import { type DataDir, openDataDir } from "../runtime/data-dir.ts";
import type { Ending } from "../runtime/ending.ts";
import { BuildError } from "../runtime/flow/stages/make-stage.ts";
import { Runtime } from "../runtime/runtime.ts";
import type { RuntimeOptions } from "../runtime/runtime-options.ts";
import type { Stats } from "../runtime/stats.ts";
import { summaryOf } from "../runtime/stats-text.ts";
import { ScanThreads } from "../scan/ahead/scan-threads.ts";
import { lazyWriter } from "../storage/lazy-writer.ts";
import { isBefore } from "../storage/segments.ts";
import { ExposedMetrics } from "../telemetry/exposed-metrics.ts";
import { LogFeed } from "../telemetry/log-feed.ts";
import { counted } from "../text.ts";
import { type Topology, writtenIn } from "../topology/topology.ts";
import { collectWhenIdle } from "./idle-collection.ts";
import { ControlOfRun, openEndpointOf } from "./in-the-open.ts";
import { watchThreads } from "./leave.ts";
import { type LogLevel, openLog } from "./log.ts";
import { trusted } from "./named-plugins.ts";
import { ProgressLine } from "./progress-line.ts";
import { type LoadedPipeline, onHangup, ReloadsOfRun } from "./reloads-of-run.ts";
import { prepareStats, writeStats } from "./stats-file.ts";
import { stopSignals } from "./stop-signals.ts";
import { reportUncaught } from "./uncaught.ts";
import { tuneHeap, untuneHeap } from "./v8-heap.ts";

export interface RunOptions {
  readonly dataDir: string;
  /** The data dir is removed at the end, with everything in it. */
  readonly temporary?: boolean;
  /** Starts also with a data dir that has lost commits, and delivers what is left. */
  readonly recover?: boolean;
  /** A file to write the counters to when the run ends, as JSON. */
  readonly stats?: string | undefined;
  /** How long to drain after a stop, in milliseconds; what is not delivered by then stays on disk. */
  readonly drain: number;
  /** Size limit for dead letters, in bytes. */
  readonly deadLetterSize: number;
  /** RxJS operators are checked on their first events. */
  readonly checkPlugins?: boolean;
  /** Every record is decoded, also one that nobody can want. */
  readonly decodeAll?: boolean;
  /** How many threads scan large readings ahead. */
  readonly workers?: number;
  /** The pipeline is reloaded when one of its files changes. */
  readonly watch?: boolean;
  /** The address for health, readiness and metrics; without it, they are not served. */
  readonly listen?: ListenAddress | undefined;
  /** Names by which clients may reach that address. */
  readonly listenHost?: readonly string[] | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: "json" | "pretty";
  /** Whether a line on the terminal says how far the sources have read. */
  readonly showProgress?: boolean;
}

/**
 * Runs a checked pipeline until it ends or is stopped (SIGTERM, SIGINT); resolves to the exit code. It can be reloaded from
 * `origin`, the file that the topology is from.
 */
export const runTopology = async (
  topology: Topology,
  options: RunOptions,
  origin?: LoadedPipeline,
): Promise<number> => {
  const signals = stopSignals();
  const progress = new ProgressLine();
  const logFeed = new LogFeed(await openLog(options.logLevel, options.logFormat, progress.erase), systemClock);
  const logOf = logFeed.of;
  const log = logOf("weir");
  reportUncaught(log);
  const hangup = onHangup();
  let data: DataDir;
  try {
    if (options.stats) prepareStats(options.stats);
    data = openDataDir(options.dataDir, lazyWriter({ before: untuneHeap, after: tuneHeap }), options);
  } catch (error) {
    log.error(explain(error as Error, options.dataDir));
    return 1;
  }
  for (const told of data.repairs) log.error(told);
  if (options.recover && data.repairs.length === 0)
    log.info("--recover: the data dir is complete, nothing was recovered");
  warnOfEmptyHistory(topology, data, log);
  warnOfStrangers(topology, data, log);
  const { deadLetterSize, checkPlugins = false, decodeAll = false, workers = 0 } = options;
  const threads = workers > 0 ? scanThreads(workers, log) : undefined;
  const control = new ControlOfRun(options.dataDir, log);
  const gone = new Set<string>();
  const exposed = options.listen && new ExposedMetrics();
  const runtime = await buildRuntime(topology, data, {
    log: logOf,
    logFeed,
    deadLetterSize,
    checkPlugins,
    passesOver: !decodeAll,
    scanThreads: threads,
    trusted,
    exposed,
    closing: async () => {
      await Promise.all([control.close(), threads?.close()]);
    },
    onGone: (component, message) => {
      gone.add(component);
      logOf(component).info(`${message}. weir stops`);
      void runtime?.stop(options.drain);
    },
  });
  if (!runtime) return 1;
  const reloads = new ReloadsOfRun({ topology, origin, log, runtime });
  let endpoint: Endpoint | undefined;
  try {
    if (options.listen && exposed)
      endpoint = await openEndpointOf(runtime, options.listen, log, options.listenHost, () => reloads.history, exposed);
  } catch (error) {
    log.error((error as Error).message);
    await data.close();
    return 1;
  }
  for (const { id, kind, plugin, inputs } of topology.components)
    logOf(id).debug(`${kind} of type ${plugin.name}${inputs.length > 0 ? `, takes ${inputs.join(", ")}` : ""}`);
  log.debug(`Node ${process.version} on ${process.platform} ${process.arch}, ${availableParallelism()} cores`);
  log.info(`running ${counted(writtenIn(topology).length, "component")}`, {
    data_dir: options.dataDir,
    pid: process.pid,
  });
  watchThreads(() => runtime.isCommitting);
  const started = runtime.start();
  signals.onStop((signal) => {
    log.info(`${signal}: stopped reading, delivering what was read. Send the signal again to stop immediately.`);
    void runtime.stop(options.drain);
  });
  await started;
  setTimeout(() => void Promise.resolve(threads?.ready()).then(tuneHeap), heapTunedAfter).unref();
  collectWhenIdle(() => arrivedAt(runtime));
  control.open(runtime, reloads);
  hangup(() => void reloads.reload("SIGHUP"));
  if (options.watch) reloads.watch();
  if (options.showProgress)
    progress.start(() =>
      runtime.phase === "draining" || printsEvents(runtime.topology) ? undefined : runtime.stats(),
    );
  const ending = await runtime.ended;
  progress.end();
  reloads.close();
  await endpoint?.close();
  const stats = runtime.stats();
  const code = conclude(ending, stats, logOf, { ...options, gone });
  return !options.stats || writeStats(options.stats, stats, log) ? code : 1;
};

/** How long after the start, in milliseconds: a short run does without what is loaded for it. */
const heapTunedAfter = 100;

/** All events and bytes that have arrived anywhere. */
const arrivedAt = (runtime: Runtime): number =>
  Object.values(runtime.stats().components).reduce(
    (total, { component_received_events_total: events, component_received_bytes_total: bytes }) =>
      total + events + bytes,
    0,
  );

const scanThreads = (count: number, log: Log): ScanThreads =>
  new ScanThreads({
    count,
    onEnded: (why) =>
      log.warn(
        `a thread of --workers ended (${why}): weir goes on without it, and loses nothing; a restart starts it again`,
      ),
  });

/** Whether events appear on the same terminal. */
const printsEvents = ({ components }: Topology): boolean =>
  process.stdout.isTTY && components.some(({ kind, plugin }) => kind === "sink" && plugin.name === "console");

/** `validate` builds every component as well: what fails only now depends on the moment. */
const buildRuntime = async (
  topology: Topology,
  data: DataDir,
  options: RuntimeOptions,
): Promise<Runtime | undefined> => {
  try {
    return new Runtime(topology, data, options);
  } catch (error) {
    if (!(error instanceof BuildError)) throw error;
    options.log(error.component).error(error.message);
    await data.close();
    return undefined;
  }
};

/** A system error says what is wrong, but not with which file. */
const explain = (error: Error, dataDir: string): string =>
  "code" in error
    ? `the data dir "${dataDir}" cannot be used: ${error.message}. Name another with --data-dir.`
    : error.message;

const conclude = (
  ending: Ending,
  stats: Stats,
  logOf: (component: string) => Log,
  { temporary = false, gone }: RunOptions & { readonly gone: ReadonlySet<string> },
): number => {
  const log = logOf("weir");
  if (ending.how === "failed") {
    const { component, error } = ending;
    log.error(
      `"${component}" failed, and the run ends; the next start continues from the last commit: ${describe(error)}`,
      {
        stack: error instanceof Error ? error.stack : undefined,
      },
    );
    return 1;
  }
  const { hung = [] } = ending;
  for (const [component, counters] of Object.entries(stats.components)) logOf(component).info(summaryOf(counters));
  const left = Object.entries(stats.outbox_bytes).filter(([name, bytes]) => bytes > 0 && name !== "dead_letter");
  const fate = temporary
    ? "they are removed with the temporary data dir"
    : "they stay in the data dir for the next start";
  for (const [name, bytes] of left)
    log[gone.has(name) ? "info" : "warn"](`${bytes} bytes for "${name}" were not delivered; ${fate}`);
  if (hung.length === 0) return 0;
  watchThreads(() => true);
  log.error(
    `${hung.join(" and ")} did not return in time, and weir ends without it. What was not committed was not acknowledged, and is read again at the next start; what was not delivered is in the data dir.`,
  );
  return 1;
};

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** With an empty history everything is new: warn before the flood of alerts. */
const warnOfEmptyHistory = ({ components }: Topology, { saved }: DataDir, log: Log): void => {
  const detecting = components.filter(
    (component) =>
      component.kind === "transform" &&
      component.plugin.keep &&
      component.plugin.learns?.(component.config as never) &&
      !isTaught(component.config),
  );
  if (detecting.length === 0 || !saved.stateless) return;
  const names = detecting.map(({ id }) => `"${id}"`).join(", ");
  log.warn(
    `the history of ${names} is empty: expect more alerts until it has seen the usual activity. \`baseline\` and \`learn_for\` hold them back`,
  );
};

/** Whether it raises no alert before it knows what is usual. */
const isTaught = (config: unknown): boolean =>
  isObject(config) && (config["baseline"] !== undefined || config["learn_for"] !== undefined);

/** Warns of outboxes with events whose sink is no longer in the pipeline. */
const warnOfStrangers = ({ components }: Topology, { saved, path }: DataDir, log: Log): void => {
  const known = new Set(["dead_letter", ...components.filter(({ kind }) => kind === "sink").map(({ id }) => id)]);
  for (const [outbox, end] of saved.ends)
    if (!known.has(outbox) && isBefore(saved.delivered.get(outbox)?.place ?? { segment: 1, offset: 0 }, end))
      log.warn(
        `"${path}" has undelivered events for "${outbox}", which is not a sink of this pipeline; they stay there until it is`,
      );
};
