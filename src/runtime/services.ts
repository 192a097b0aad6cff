import type { Clock } from "../clock.ts";
import type { Context, Log } from "../context.ts";
import type { Plugin } from "../plugin.ts";
import type { ScanThreads } from "../scan/ahead/scan-threads.ts";
import type { ExposedMetrics } from "../telemetry/exposed-metrics.ts";
import type { Ledger } from "../telemetry/ledger.ts";
import type { LogFeed } from "../telemetry/log-feed.ts";
import { CommitLoop } from "./commit-loop.ts";
import type { DataDir } from "./data-dir.ts";
import type { Outbox } from "./delivery/outbox.ts";
import type { SinkRecord } from "./delivery/sink-record.ts";
import { Sinks } from "./delivery/sinks.ts";
import { Checkpoints } from "./flow/checkpoints.ts";
import type { RunServices } from "./flow/run-services.ts";
import { Stamps } from "./flow/stamp.ts";
import { Waiters } from "./flow/waiters.ts";
import type { RuntimeOptions } from "./runtime-options.ts";
import { Filling } from "./state/index/filling.ts";
import { StateStore } from "./state/state-store.ts";
import type { Stats } from "./stats.ts";
import { Taps } from "./tap/taps.ts";

export interface ServicesOptions {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: (component: string) => Log;
  readonly logFeed: LogFeed;
  readonly stats: () => Stats;
  readonly budget: number;
  readonly deadLetterSize: number;
  readonly trusted: ReadonlySet<Plugin>;
  readonly checkPlugins: boolean;
  readonly passesOver: boolean;
  readonly scanThreads: ScanThreads | undefined;
  readonly watchHolds: boolean;
  readonly machine: Required<RuntimeOptions>["machine"];
  readonly indexMemory: number;
  readonly exposed: ExposedMetrics | undefined;
  readonly data: DataDir;
  readonly ledgers: ReadonlyMap<string, Ledger>;
  /** Aborted here when a component breaks its contract. */
  readonly broken: AbortController;
  readonly onTrouble: (part: string, message: string | undefined) => void;
  readonly onGone: (component: string, message: string) => void;
}

/** Makes the parts that all groups of a run share. Each part gets those made before it. */
export const makeServices = (options: ServicesOptions): RunServices => {
  const { clock, log, data, ledgers, broken, onTrouble } = options;
  const { reader, writer, saved } = data;
  const outboxes = new Map<string, Outbox>();
  const records = new Map<string, SinkRecord>();
  const progress = new Waiters();
  const checkpoints = new Checkpoints(saved.checkpoints);
  const filling = new Filling({
    clock,
    fill: () => state.indexes.fill(),
    fail: (error) => fail("weir", error),
  });
  const index = { limit: options.indexMemory, onFilling: () => filling.start() };
  const state: StateStore = new StateStore({ reader, ...saved, index });
  const fail = (component: string, error: unknown) => {
    if (!broken.signal.aborted) broken.abort({ component, error });
  };
  const commits = new CommitLoop({
    writer,
    outboxes,
    records,
    clock,
    log: log("weir"),
    onCommitted: (flight) => {
      state.committed(flight);
      if (flight.admission.checkpoint) checkpoints.committed(flight.admission.checkpoint);
    },
    onAnswer: () => progress.wake(),
    onTrouble: (message) => onTrouble("weir", message),
    fail: (error) => fail("weir", error),
  });
  const contextOf = (id: string, config: unknown, signal: AbortSignal): Context<never> => {
    const refused = (reason: string, count?: number) => ledgers.get(id)!.refuse(reason, count);
    // The config was checked and decoded by the plugin's own schema. A list of plugins cannot express its type.
    return { id, config: config as never, signal, clock, log: log(id), refused };
  };
  const sinks = new Sinks({
    ...options,
    outboxes,
    records,
    commits,
    contextOf: ({ id, config }, signal) => contextOf(id, config, signal),
    onMoved: () => {
      commits.schedule();
      progress.wake();
    },
    broken: broken.signal,
  });
  return {
    ...options,
    contextOf,
    state,
    filling,
    stamps: new Stamps(clock, log("weir"), saved.ingested),
    sinks,
    commits,
    checkpoints,
    taps: new Taps(clock, options.random),
    isWaitedFor: () => writer.answerWaits,
    progress,
    fail,
  };
};
