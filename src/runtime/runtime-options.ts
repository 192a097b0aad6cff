import { hostname, totalmem } from "node:os";
import { type Clock, systemClock } from "../clock.ts";
import type { Log } from "../context.ts";
import type { Plugin } from "../plugin.ts";
import type { ScanThreads } from "../scan/ahead/scan-threads.ts";
import type { ExposedMetrics } from "../telemetry/exposed-metrics.ts";
import type { LogFeed } from "../telemetry/log-feed.ts";
import { version } from "../version.ts";

export interface RuntimeOptions {
  readonly clock?: Clock;
  /** Random numbers, uniform in [0, 1), for the jitter of retries. */
  readonly random?: () => number;
  /** Returns the log of a component. */
  readonly log: (component: string) => Log;
  /** The feed that `log` is part of, if others log to it, too. */
  readonly logFeed?: LogFeed;
  /** The largest amount of uncommitted data in a group, in bytes. Above it, its sources are not asked for more. */
  readonly budget?: number;
  /** Memory for the index of the keys in the state, in bytes. What has no room is read from the database. */
  readonly indexMemory?: number;
  /** Quota of the dead letter, in bytes. */
  readonly deadLetterSize?: number;
  /** Plugins that are known not to change event data. The data of all others is frozen and checked. */
  readonly trusted?: ReadonlySet<Plugin>;
  /**
   * Runs each operator on batches again on its first events, cut in other ways. If its result depends on the cut, the run
   * ends with an error. Side effects of the operators are repeated.
   */
  readonly checkPlugins?: boolean;
  /** Whether sources pass over records that nobody can want, without decoding them. Nothing but the speed depends on it. */
  readonly passesOver?: boolean;
  /** Threads that scan large readings ahead for such records. They are started if a source needs them; the caller closes them. */
  readonly scanThreads?: ScanThreads | undefined;
  /** Whether transforms that hold the oldest batch for too long are reported. */
  readonly watchHolds?: boolean;
  /** The name of this machine, unless the pipeline has one, and the version of weir. */
  readonly machine?: { readonly host: string; readonly version: string };
  /** Where sinks add their own metrics. Absent if weir serves no metrics. */
  readonly exposed?: ExposedMetrics | undefined;
  /** Called before the data dir is closed, to close whatever else uses it. */
  readonly closing?: () => Promise<void>;
  /** Called when the receiver of a sink has gone for good. The run should be stopped: it does not wait for this sink then. */
  readonly onGone?: (component: string, message: string) => void;
}

const mebibyte = 1024 * 1024;

/** The memory that this process may use, in bytes: that of its container, or of the machine. */
const memory = (): number => Math.min(process.constrainedMemory() || totalmem(), totalmem());

/** What an option is if it is not given. */
export const defaults = (): Omit<Required<RuntimeOptions>, "log" | "logFeed"> => ({
  clock: systemClock,
  random: Math.random,
  budget: 8 * mebibyte,
  indexMemory: memory() / 4,
  deadLetterSize: 1024 * mebibyte,
  trusted: new Set(),
  checkPlugins: false,
  passesOver: true,
  scanThreads: undefined,
  watchHolds: true,
  machine: { host: hostname(), version: version() },
  exposed: undefined,
  closing: async () => undefined,
  onGone: () => undefined,
});
