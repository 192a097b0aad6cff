import type { Difference } from "../reload/difference.ts";
import type { Outcome, Reloaded } from "../reload/reloader.ts";
import type { DeadLetterDesk, Purged, Replayed } from "../runtime/dead-letters/desk.ts";
import type { DeadLetter } from "../runtime/dead-letters/letter-files.ts";
import type { Selector } from "../runtime/dead-letters/selector.ts";
import type { Stats } from "../runtime/stats.ts";
import type { TapPart } from "../runtime/tap/tap.ts";
import type { TapRequest } from "../runtime/tap/taps.ts";
import type { Stored } from "../storage/stored.ts";

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
  /** The resident set of the process. */
  readonly memory_bytes: number;
  /** Why it is not ready, by component; empty when it is. */
  readonly not_ready: Readonly<Record<string, string>>;
  readonly outboxes: readonly OutboxStatus[];
  readonly components: Stats["components"];
  readonly commits_total: number;
  readonly commit_retries_total: number;
  /** When the pipeline was loaded, as ISO 8601. */
  readonly loaded_at: string;
  /** The last reload, if there was one. */
  readonly last_reload?: { readonly outcome: Outcome; readonly at: string; readonly text: string };
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

/** How a running weir compares with another pipeline; `problems`: why that cannot be used, for people. */
export type DiffAnswer = { readonly difference: Difference } | { readonly problems: string };

/** What only a running weir can do. */
export interface Reloading {
  reload(): Promise<Reloaded>;
  /** `file`: the absolute path of a pipeline file. */
  diff(file: string): Promise<DiffAnswer>;
}

/** What the data dir has of a component, and whether the running pipeline has it; `undefined` if none runs. */
export type StoredStatus = Stored & { readonly used: boolean | undefined };

/** What is kept of components, and how it is removed. */
export interface Keeping {
  stored(): Promise<readonly StoredStatus[]>;
  /** Removes all that is kept of these components. Rejects if the running pipeline uses one of them. */
  forget(ids: readonly string[]): Promise<void>;
}

/** What commands can do with a data dir: through the weir that runs on it, or on its files if none does. */
export interface Control extends Reloading, Keeping {
  status(): Promise<Status>;
  letters(selector: Selector): AsyncIterable<DeadLetter>;
  purge(selector: Selector): Promise<Purged>;
  replay(selector: Selector): Promise<Replayed>;
}

/** A tap on a running weir. */
export interface Tapped {
  /** The outputs, or with `inputs` the components, that it watches. */
  readonly points: readonly string[];
  /** What passes, until the run ends. A reader that leaves closes the tap. */
  readonly parts: AsyncIterable<TapPart>;
  close(): void;
  /** Takes the time that a part cost the run after it left the tap from what the tap may cost, in milliseconds. */
  charge?(time: number): void;
}

/** What only a running weir can do. */
export interface RunningControl extends Control {
  tap(request: TapRequest): Promise<Tapped>;
}

/** A control with a desk for the dead letters. */
export const controlOf = (
  desk: DeadLetterDesk,
  status: () => Promise<Status>,
  reloading: Reloading,
  keeping: Keeping,
): Control => ({
  stored: () => keeping.stored(),
  forget: (ids) => keeping.forget(ids),
  reload: () => reloading.reload(),
  diff: (file) => reloading.diff(file),
  status,
  letters: (selector) => desk.letters(selector),
  purge: (selector) => desk.purge(selector),
  replay: (selector) => desk.replay(selector),
});
