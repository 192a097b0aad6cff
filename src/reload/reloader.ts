import type { Clock } from "../clock.ts";
import type { Log } from "../context.ts";
import type { Topology } from "../topology/topology.ts";
import { type Compared, type Difference, differenceOf, replacedBy } from "./difference.ts";
import { summaryOf } from "./difference-text.ts";
import { prepare } from "./prepare.ts";

/** A pipeline that was read from its file, or why it cannot be used, as text for people. */
export type Loading =
  | { readonly ok: true; readonly pipeline: Compared }
  | { readonly ok: false; readonly problems: string }
  /** It has no errors, but it cannot replace the one that runs: a sentence without its full stop. */
  | { readonly ok: false; readonly refusal: string };

/**
 * How a reload went. `applied`: the new pipeline runs. `unchanged`: it is the one that runs. `invalid`: the file has errors.
 * `failed`: it could not be started. After the last two the old one runs on.
 */
export const outcomes = ["applied", "unchanged", "invalid", "failed"] as const;
export type Outcome = (typeof outcomes)[number];

export interface Reloaded {
  readonly outcome: Outcome;
  /** What happened, for people; the problems of the file included. */
  readonly text: string;
  /** If the file could be used. */
  readonly difference?: Difference;
}

/** The reloads of a run, for metrics and status. Times are in milliseconds since 1970. */
export interface ReloadHistory {
  readonly counts: Readonly<Record<Outcome, number>>;
  /** When the pipeline that runs was loaded, or found unchanged. */
  readonly loadedAt: number;
  readonly last?: { readonly outcome: Outcome; readonly at: number; readonly text: string };
}

export interface ReloaderOptions {
  readonly runtime: { replace(next: Topology, replaced: ReadonlySet<string>, deadline: number): Promise<void> };
  /** The pipeline that runs. */
  readonly current: Compared;
  readonly load: () => Promise<Loading>;
  readonly clock: Clock;
  readonly log: Log;
  /** How long the batches in the parts that change may take to be committed, in milliseconds. */
  readonly deadline?: number;
}

/** Replaces the pipeline of a run by what its file says now. Reloads run one after the other. */
export class Reloader {
  readonly #options: ReloaderOptions;
  #current: Compared;
  #history: ReloadHistory;
  #running: Promise<unknown> = Promise.resolve();
  #next: Promise<Reloaded> | undefined;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#current = options.current;
    this.#history = { counts: { applied: 0, unchanged: 0, invalid: 0, failed: 0 }, loadedAt: options.clock.now() };
  }

  get history(): ReloadHistory {
    return this.#history;
  }

  /** The pipeline that runs. */
  get current(): Compared {
    return this.#current;
  }

  /** `cause`: why it is asked for, such as `SIGHUP`. A reload that waits for another one answers all who ask meanwhile. */
  reload(cause: string): Promise<Reloaded> {
    if (this.#next) return this.#next;
    const reloading = this.#running.then(() => {
      this.#next = undefined;
      return this.#reload(cause);
    });
    this.#next = reloading;
    this.#running = reloading.catch(() => undefined);
    return reloading;
  }

  async #reload(cause: string): Promise<Reloaded> {
    const { clock, log } = this.#options;
    const since = clock.monotonic();
    const reloaded = await this.#outcome();
    const { outcome, text } = reloaded;
    const took = Math.round(clock.monotonic() - since);
    const isBad = outcome === "invalid" || outcome === "failed";
    log[isBad ? "error" : "info"](`reload (${cause}): ${text}`, { outcome, took_ms: took });
    const { counts, loadedAt } = this.#history;
    this.#history = {
      counts: { ...counts, [outcome]: counts[outcome] + 1 },
      loadedAt: isBad ? loadedAt : clock.now(),
      last: { outcome, at: clock.now(), text },
    };
    return reloaded;
  }

  async #outcome(): Promise<Reloaded> {
    const loading = await this.#options.load();
    if ("refusal" in loading) return { outcome: "failed", text: `the old pipeline runs on: ${loading.refusal}` };
    if (!loading.ok)
      return { outcome: "invalid", text: `the old pipeline runs on: the new one has errors\n${loading.problems}` };
    const { pipeline } = loading;
    const difference = differenceOf(this.#current, pipeline);
    if (difference.changes.length === 0) {
      this.#current = pipeline;
      return { outcome: "unchanged", text: "nothing has changed", difference };
    }
    try {
      await this.#apply(pipeline, replacedBy(difference));
      return { outcome: "applied", text: summaryOf(difference), difference };
    } catch (error) {
      return { outcome: "failed", text: `the old pipeline runs on: ${(error as Error).message}`, difference };
    }
  }

  async #apply(pipeline: Compared, replaced: ReadonlySet<string>): Promise<void> {
    const { runtime, deadline = patience } = this.#options;
    const release = await prepare(this.#current, pipeline, replaced);
    try {
      await runtime.replace(pipeline.topology, replaced, deadline);
      this.#current = pipeline;
    } finally {
      release();
    }
  }
}

/** What is not committed by then is read again: a receiver that is down must not keep its mended address from being loaded. */
const patience = 5_000;
