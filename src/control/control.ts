import type { DeadLetterDesk, Purged, Replayed } from "../runtime/dead-letter-desk.ts";
import type { DeadLetter } from "../runtime/dead-letter-files.ts";
import type { Selector } from "../runtime/dead-letter-selector.ts";
import type { Stats } from "../runtime/stats.ts";

export interface OutboxStatus {
  readonly name: string;
  /** Bytes that wait in it; of the dead letter, all that it holds. */
  readonly bytes: number;
  /** When the oldest event in it was ingested (in the dead letter: came there), as ISO 8601. */
  readonly oldest?: string;
}

/** What a running weir says of itself. */
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

/** What the data dir says of a weir that does not run. */
export interface StoppedStatus {
  readonly phase: "stopped";
  readonly data_dir: string;
  /** Streams that have a checkpoint, by source. */
  readonly checkpoints: Readonly<Record<string, number>>;
  readonly outboxes: readonly (OutboxStatus & { readonly events: number })[];
  /** What each component remembers. */
  readonly state: Readonly<Record<string, { readonly entries: number; readonly bytes: number }>>;
}

export type Status = RunningStatus | StoppedStatus;

/** What commands ask of a data dir: the same of the weir that runs on it, and of its files when none does. */
export interface Control {
  status(): Promise<Status>;
  letters(selector: Selector): AsyncIterable<DeadLetter>;
  purge(selector: Selector): Promise<Purged>;
  replay(selector: Selector): Promise<Replayed>;
}

/** The control of a weir that has a desk for its dead letters. */
export const controlOf = (desk: DeadLetterDesk, status: () => Promise<Status>): Control => ({
  status,
  letters: (selector) => desk.letters(selector),
  purge: (selector) => desk.purge(selector),
  replay: (selector) => desk.replay(selector),
});
