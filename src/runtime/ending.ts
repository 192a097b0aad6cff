import type { Clock } from "../clock.ts";
import type { CommitLoop } from "./commit-loop.ts";
import type { DataDir } from "./data-dir.ts";
import type { Sinks } from "./delivery/sinks.ts";
import type { GroupRun } from "./flow/group-run.ts";
import type { Waiters } from "./flow/waiters.ts";
import { aborted } from "./flow/waiters.ts";

/**
 * How a run ended: all events delivered (`finished`), stopped with the rest on disk, or failed. `hung`: what did not return in
 * time, for people.
 */
export type Ending =
  | { readonly how: "finished" | "stopped"; readonly hung?: readonly string[] }
  | { readonly how: "failed"; readonly component: string; readonly error: unknown };

export interface EndOptions {
  readonly runs: ReadonlySet<GroupRun>;
  readonly sinks: Sinks;
  readonly commits: CommitLoop;
  readonly data: DataDir;
  readonly clock: Clock;
  /** Aborted when the run ends for any reason. No more events are accepted then. */
  readonly stopping: AbortController;
  /** Aborts when a component broke its contract; the reason is `{ component, error }`. */
  readonly broken: AbortSignal;
  /** Aborts at the deadline of a stop. Nothing is waited for after that. */
  readonly late: AbortSignal;
  readonly progress: Waiters;
  /** Called before the data dir is closed. */
  readonly closing: () => Promise<void>;
}

/**
 * How long to wait at the end for a write, a commit or the closing of the data dir that does not return, in milliseconds. After
 * the deadline, each gets this long, and before it ten times as much.
 */
const hangTime = 1_500;

/** Ends a run, exactly once, whether it finishes, is stopped or fails. */
export class End {
  readonly ended: Promise<Ending>;
  readonly #options: EndOptions;
  readonly #over: AbortSignal;
  #end!: (ending: Ending) => void;
  #finishing: Promise<void> | undefined;
  #shutting: Promise<void> | undefined;

  constructor(options: EndOptions) {
    this.#options = options;
    this.#over = AbortSignal.any([options.late, options.broken]);
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    options.broken.addEventListener("abort", () => this.#fail(), { once: true });
  }

  /** Resolves when nothing is in flight and all outboxes are delivered, at the deadline, or when the run has failed. */
  async drained(): Promise<void> {
    const { runs, sinks, commits, progress } = this.#options;
    await Promise.all([...runs].map((run) => run.drain(this.#over)));
    sinks.drain();
    while (!this.#over.aborted) {
      await commits.idle(this.#over);
      if (sinks.isEmpty) return;
      await progress.wait(this.#over);
    }
  }

  /** Ends the run without an error. */
  finish(how: "finished" | "stopped"): Promise<void> {
    this.#finishing ??= this.#finishOnce(how);
    return this.#finishing;
  }

  async #finishOnce(how: "finished" | "stopped"): Promise<void> {
    const { runs, stopping, sinks, commits, late, broken } = this.#options;
    if (broken.aborted) return;
    stopping.abort();
    sinks.stop();
    const hung: string[] = [];
    // Do not wait for a write that hangs. Its events were not delivered, and stay in the outbox.
    if (!(await this.#inTime(Promise.all([...runs].map((run) => run.deliveries)))))
      hung.push(...sinks.writing.map((id) => `a write of "${id}"`));
    const idle = commits.idle(broken);
    // Without a deadline, wait for the last commit: a full disk may get room, and delivered events are not repeated.
    await Promise.race([idle, aborted(late).then(() => this.#inTime(idle))]);
    if (broken.aborted) return;
    if (!(await this.#inTime(this.#shutDown()))) hung.push("a write to the data dir");
    this.#end({ how, ...(hung.length > 0 && { hung }) });
  }

  /** Ends the run at once. Nothing leaves the process from now on, and the disk is left as after a kill. */
  #fail(): void {
    if (this.#shutting) return;
    const { runs, broken, stopping, progress } = this.#options;
    const { component, error } = broken.reason as { readonly component: string; readonly error: unknown };
    stopping.abort();
    for (const run of runs) run.stopReading();
    progress.wake();
    void this.#inTime(this.#shutDown()).then(() => this.#end({ how: "failed", component, error }));
  }

  /** Waits for the current commit first, so that its sources are notified. */
  #shutDown(): Promise<void> {
    this.#shutting ??= this.#shutDownOnce();
    return this.#shutting;
  }

  async #shutDownOnce(): Promise<void> {
    const { commits, runs, sinks, closing, data } = this.#options;
    await commits.stop();
    for (const run of runs) run.abandon();
    await sinks.stores.close();
    await closing();
    await data.close();
  }

  /** Waits for work that may hang, for a limited time, and ignores its errors. Returns false if it has not ended by then. */
  async #inTime(work: Promise<unknown>): Promise<boolean> {
    const { clock, late } = this.#options;
    const over = new AbortController();
    const limit = async () => {
      await clock.sleep(9 * hangTime, AbortSignal.any([late, over.signal]));
      await clock.sleep(hangTime, over.signal);
      return false;
    };
    const isInTime = await Promise.race([work.then(yes, yes), limit()]);
    over.abort();
    return isInTime;
  }
}

const yes = () => true;
