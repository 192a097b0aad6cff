import type { Clock } from "../../clock.ts";
import type { Context, Log } from "../../context.ts";
import type { Plugin } from "../../plugin.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import type { LogFeed } from "../../telemetry/log-feed.ts";
import type { CommitLoop } from "../commit-loop.ts";
import type { Sinks } from "../delivery/sinks.ts";
import type { Filling } from "../state/index/filling.ts";
import type { StateStore } from "../state/state-store.ts";
import type { Stats } from "../stats.ts";
import type { Taps } from "../tap/taps.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Stamps } from "./stamp.ts";
import type { Waiters } from "./waiters.ts";

/** What all groups of a process share. It outlives each group. */
export interface RunServices {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: (component: string) => Log;
  /** What is logged, for sources that make events of it. */
  readonly logFeed: LogFeed;
  /** The counters of the run. */
  readonly stats: () => Stats;
  /** The largest amount of uncommitted data in a group, in bytes. Above it, its sources are not asked for more. */
  readonly budget: number;
  readonly ledgers: ReadonlyMap<string, Ledger>;
  readonly contextOf: (id: string, config: unknown, signal: AbortSignal) => Context<never>;
  /** Plugins that are known not to change event data, and to send only what JSON can represent. */
  readonly trusted: ReadonlySet<Plugin>;
  /** Whether to check operators on batches on their first events. */
  readonly checkPlugins: boolean;
  /** Whether sources pass over records that nobody can want. */
  readonly passesOver: boolean;
  /** Whether to report transforms that hold the oldest batch for too long. */
  readonly watchHolds: boolean;
  /** The name of this machine, unless a pipeline has one, and the version of weir. */
  readonly machine: { readonly host: string; readonly version: string };
  readonly state: StateStore;
  /** Fills the indexes of the state; stop it before the database is closed. */
  readonly filling: Filling;
  readonly stamps: Stamps;
  readonly sinks: Sinks;
  readonly commits: CommitLoop;
  readonly checkpoints: Checkpoints;
  readonly taps: Taps;
  /** Whether something waits for the next turn of the event loop. */
  readonly isWaitedFor: () => boolean;
  /** Woken on every progress that something may wait for. */
  readonly progress: Waiters;
  /** Reports why a component makes the run not ready; `undefined` when the problem is resolved. */
  readonly onTrouble: (component: string, message: string | undefined) => void;
  /** Called when a component broke its contract. The process must end. */
  readonly fail: (component: string, error: unknown) => void;
}
