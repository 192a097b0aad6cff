import type { Endpoint } from "../observe/endpoint.ts";
import type { ListenAddress } from "../observe/listen-address.ts";
import type { Log } from "../plugin.ts";
import { type DataDir, openDataDir } from "../runtime/data-dir.ts";
import { BuildError } from "../runtime/flow/make-stage.ts";
import { type Ending, Runtime, type RuntimeOptions } from "../runtime/runtime.ts";
import type { Stats } from "../runtime/stats.ts";
import { isBefore } from "../storage/segments.ts";
import type { Topology } from "../topology/topology.ts";
import { ControlOfRun, openEndpointOf } from "./in-the-open.ts";
import { type LogLevel, openLog } from "./log.ts";
import { plugins } from "./plugins.ts";
import { prepareStats, writeStats } from "./stats-file.ts";
import { stopSignals } from "./stop-signals.ts";

export interface RunOptions {
  readonly dataDir: string;
  /** The data dir is removed at the end, with whatever is left in it. */
  readonly temporary?: boolean;
  /** A file for the counters of the run, written as JSON when it ends. */
  readonly stats?: string | undefined;
  /** How long stopping may take, in milliseconds; what is not delivered by then stays on disk. */
  readonly drain: number;
  /** Room for dead letters, in bytes. */
  readonly deadLetterSize: number;
  /** Operators on batches are checked on their first events. */
  readonly checkPlugins?: boolean;
  /** Where health, readiness and metrics are served; nowhere without it. */
  readonly listen?: ListenAddress | undefined;
  readonly logLevel: LogLevel;
  readonly logFormat: "json" | "pretty";
}

/** Runs a checked pipeline until it ends or is told to stop (SIGTERM, SIGINT); resolves to the exit code. */
export const runTopology = async (topology: Topology, options: RunOptions): Promise<number> => {
  const signals = stopSignals();
  const logOf = await openLog(options.logLevel, options.logFormat);
  const log = logOf("weir");
  let data: DataDir;
  try {
    if (options.stats) prepareStats(options.stats);
    data = openDataDir(options.dataDir);
  } catch (error) {
    log.error(explain(error as Error, options.dataDir));
    return 1;
  }
  warnOfEmptyHistory(topology, data, log);
  warnOfStrangers(topology, data, log);
  const { deadLetterSize, checkPlugins = false } = options;
  const control = new ControlOfRun(options.dataDir, log);
  const runtime = await buildRuntime(topology, data, {
    log: logOf,
    deadLetterSize,
    checkPlugins,
    trusted: new Set(plugins),
    closing: () => control.close(),
  });
  if (!runtime) return 1;
  let endpoint: Endpoint | undefined;
  try {
    if (options.listen) endpoint = await openEndpointOf(runtime, options.listen, log);
  } catch (error) {
    log.error((error as Error).message);
    await data.close();
    return 1;
  }
  log.info(`running ${topology.components.length} components`, { data_dir: options.dataDir, pid: process.pid });
  const started = runtime.start();
  signals.onStop((signal) => {
    log.info(`${signal}: reading has stopped, what was read is delivered; once more to end at once`);
    void runtime.stop(options.drain);
  });
  await started;
  control.open(runtime);
  const ending = await runtime.ended;
  await endpoint?.close();
  const stats = runtime.stats();
  const code = conclude(ending, stats, logOf, options);
  return !options.stats || writeStats(options.stats, stats, log) ? code : 1;
};

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

/** The system's own words say what is wrong, but not with what. */
const explain = (error: Error, dataDir: string): string =>
  "code" in error
    ? `the data dir "${dataDir}" cannot be used: ${error.message}. Name another with --data-dir.`
    : error.message;

const conclude = (
  ending: Ending,
  stats: Stats,
  logOf: (component: string) => Log,
  { temporary = false }: RunOptions,
): number => {
  const log = logOf("weir");
  if (ending.how === "failed") {
    const { component, error } = ending;
    log.error(
      `"${component}" broke down, so the run ends here; the next start goes on from the last commit: ${describe(error)}`,
      {
        stack: error instanceof Error ? error.stack : undefined,
      },
    );
    return 1;
  }
  for (const [component, counters] of Object.entries(stats.components)) logOf(component).info(summaryOf(counters));
  const left = Object.entries(stats.outbox_bytes).filter(([name, bytes]) => bytes > 0 && name !== "dead_letter");
  const fate = temporary ? "they go with the temporary data dir" : "they stay in the data dir for the next start";
  for (const [name, bytes] of left) log.warn(`${bytes} bytes for "${name}" are not delivered; ${fate}`);
  return 0;
};

const describe = (error: unknown): string => (error instanceof Error ? error.message : String(error));

const summaryOf = (counters: Stats["components"][string]): string => {
  const reasons = (verb: string, counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([reason, count]) => `${count} ${verb} (${reason})`);
  return [
    `${counters.component_received_events_total} received`,
    ...(counters.component_created_events_total > 0 ? [`${counters.component_created_events_total} created`] : []),
    `${counters.component_sent_events_total} sent`,
    ...reasons("consumed", counters.component_consumed_events_total),
    ...reasons("dropped", counters.component_dropped_events_total),
    ...reasons("to the dead letter", counters.component_dead_letter_events_total),
    ...(counters.component_in_flight_events > 0 ? [`${counters.component_in_flight_events} in flight`] : []),
    ...(counters.component_retries_total > 0 ? [`${counters.component_retries_total} retries`] : []),
  ].join(", ");
};

/** Nothing remembered means that everything is new: better said than found out by a flood. */
const warnOfEmptyHistory = ({ components }: Topology, { saved }: DataDir, log: Log): void => {
  const detecting = components.filter(
    (component) => component.kind === "transform" && component.plugin.keep && component.plugin.learns,
  );
  if (detecting.length === 0 || !saved.stateless) return;
  const names = detecting.map(({ id }) => `"${id}"`).join(", ");
  log.warn(
    `the history of ${names} is empty: everything it sees for the first time is new, so expect more alerts until it has learned what is usual`,
  );
};

/** An outbox whose sink is gone from the pipeline still holds events. */
const warnOfStrangers = ({ components }: Topology, { saved, path }: DataDir, log: Log): void => {
  const known = new Set(["dead_letter", ...components.filter(({ kind }) => kind === "sink").map(({ id }) => id)]);
  for (const [outbox, end] of saved.ends)
    if (!known.has(outbox) && isBefore(saved.delivered.get(outbox)?.place ?? { segment: 1, offset: 0 }, end))
      log.warn(
        `"${path}" holds events for "${outbox}", which this pipeline does not have; they stay there until it has`,
      );
};
