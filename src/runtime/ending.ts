import type { Clock } from "../clock.ts";
import type { CommitLoop } from "./commit-loop.ts";
import type { DataDir } from "./data-dir.ts";
import type { Sinks } from "./delivery/sinks.ts";
import type { GroupRun } from "./flow/group-run.ts";
import type { Waiters } from "./flow/waiters.ts";
import { aborted } from "./flow/waiters.ts";

/** How a run ended: every event settled and delivered, stopped with what is left on disk, or broken. */
export type Ending =
  | { readonly how: "finished" | "stopped" }
  | { readonly how: "failed"; readonly component: string; readonly error: unknown };

export interface EndOptions {
  readonly runs: ReadonlySet<GroupRun>;
  readonly sinks: Sinks;
  readonly commits: CommitLoop;
  readonly data: DataDir;
  readonly clock: Clock;
  /** Aborted when the run ends, by itself too: nothing more is taken in. */
  readonly stopping: AbortController;
  /** Aborts, with the component and the error, when a component broke its contract. */
  readonly broken: AbortSignal;
  /** Aborts when nothing is to be waited for any longer. */
  readonly late: AbortSignal;
  readonly progress: Waiters;
  /** Called before the data dir is given up. */
  readonly closing: () => Promise<void>;
}

/** How long the end waits for a write or a sync that does not return, in milliseconds. */
const hangTime = 2_000;

/** The end of a run: it comes once, whoever asks for it first. */
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

  /** Resolves when nothing is in flight and every sink's outbox is delivered, or it is late, or all is over. */
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

  /** Ends well. */
  finish(how: "finished" | "stopped"): Promise<void> {
    this.#finishing ??= this.#finishOnce(how);
    return this.#finishing;
  }

  async #finishOnce(how: "finished" | "stopped"): Promise<void> {
    const { runs, stopping, sinks, commits, late, broken } = this.#options;
    if (broken.aborted) return;
    stopping.abort();
    sinks.stop();
    // A write that hangs is left behind: what it had was not delivered, and stays in the outbox.
    await this.#withPatience(Promise.all([...runs].map((run) => run.deliveries)));
    const idle = commits.idle(broken);
    // Without a stop there is time: a full disk may get room, and what was delivered is not delivered again.
    await Promise.race([idle, aborted(late).then(() => this.#withPatience(idle))]);
    if (broken.aborted) return;
    await this.#withPatience(this.#shutDown());
    this.#end({ how });
  }

  /** Breaks off: from now on nothing leaves the process, and what is on disk is as after a kill. */
  #fail(): void {
    if (this.#shutting) return;
    const { runs, broken, stopping, progress } = this.#options;
    const { component, error } = broken.reason as { readonly component: string; readonly error: unknown };
    stopping.abort();
    for (const run of runs) run.stopReading();
    progress.wake();
    void this.#withPatience(this.#shutDown()).then(() => this.#end({ how: "failed", component, error }));
  }

  /** The commit under way lands first: whoever waits for it is told so. */
  #shutDown(): Promise<void> {
    this.#shutting ??= this.#shutDownOnce();
    return this.#shutting;
  }

  async #shutDownOnce(): Promise<void> {
    const { commits, runs, sinks, closing, data } = this.#options;
    await commits.stop();
    for (const run of runs) run.abandon();
    await sinks.close();
    await closing();
    await data.close();
  }

  /** Waits for work that may hang: for a while. */
  async #withPatience(work: Promise<unknown>): Promise<void> {
    const patience = new AbortController();
    await Promise.race([work.catch(() => undefined), this.#options.clock.sleep(hangTime, patience.signal)]);
    patience.abort();
  }
}
