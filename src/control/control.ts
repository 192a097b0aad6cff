import type { DeadLetterDesk, Purged, Replayed } from "../runtime/dead-letters/desk.ts";
import type { DeadLetter } from "../runtime/dead-letters/letter-files.ts";
import type { Selector } from "../runtime/dead-letters/selector.ts";
import type { Stats } from "../runtime/stats.ts";

export interface OutboxStatus {
  readonly name: string;
  /** Undelivered bytes; for the dead letter, all bytes. */
  readonly bytes: number;
  /** When its oldest event was ingested (for the dead letter: rejected), as ISO 8601. */
  readonly oldest?: string;
}

/** The status of a running weir. */
export interface RunningStatus {
  readonly phase: "starting" | "running" | "draining";
  readonly version: string;
  readonly pid: number;
  readonly data_dir: string;
  readonly uptime_seconds: number;
  /** Why it is not ready, by component; empty when it is. */
  readonly not_ready: Readonly<Record<string, string>>;
  readonly outboxes: readonly OutboxStatus[];
  readonly components: Stats["components"];
  readonly commits_total: number;
  readonly commit_retries_total: number;
}

/** The status of a stopped weir, from its data dir. */
export interface StoppedStatus {
  readonly phase: "stopped";
  readonly data_dir: string;
  /** Streams that have a checkpoint, by source. */
  readonly checkpoints: Readonly<Record<string, number>>;
  readonly outboxes: readonly (OutboxStatus & { readonly events: number })[];
  /** The state of each component. */
  readonly state: Readonly<Record<string, { readonly entries: number; readonly bytes: number }>>;
}

export type Status = RunningStatus | StoppedStatus;

/** What commands can do with a data dir: through the weir that runs on it, or on its files if none does. */
export interface Control {
  status(): Promise<Status>;
  letters(selector: Selector): AsyncIterable<DeadLetter>;
  purge(selector: Selector): Promise<Purged>;
  replay(selector: Selector): Promise<Replayed>;
}

/** A control with a desk for the dead letters. */
export const controlOf = (desk: DeadLetterDesk, status: () => Promise<Status>): Control => ({
  status,
  letters: (selector) => desk.letters(selector),
  purge: (selector) => desk.purge(selector),
  replay: (selector) => desk.replay(selector),
});
