import type { Clock } from "../clock.ts";
import type { CommitLoop } from "./commit-loop.ts";
import type { DataDir } from "./data-dir.ts";
import type { Graph } from "./graph.ts";
import type { Sinks } from "./sinks.ts";
import type { Waiters } from "./waiters.ts";

/** How a run ended: every event settled and delivered, stopped with what is left on disk, or broken. */
export type Ending =
  | { readonly how: "finished" | "stopped" }
  | { readonly how: "failed"; readonly component: string; readonly error: unknown };

export interface EndOptions {
  readonly graph: Graph;
  readonly sinks: Sinks;
  readonly commits: CommitLoop;
  readonly data: DataDir;
  readonly clock: Clock;
  /** Ends the sources. */
  readonly reading: AbortController;
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
  #end!: (ending: Ending) => void;
  #isBroken = false;
  #finishing: Promise<void> | undefined;
  #shutting: Promise<void> | undefined;

  constructor(options: EndOptions) {
    this.#options = options;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get isBroken(): boolean {
    return this.#isBroken;
  }

  /** Resolves when nothing is in flight and every sink's outbox is delivered, or it is late, or all is over. */
  async drained(): Promise<void> {
    const { graph, sinks, commits, progress, late } = this.#options;
    const isOver = () => late.aborted || this.#isBroken;
    // From the top: what is asked to send on its last batches comes after everything that sends it some.
    for (const transform of graph.transforms.values()) {
      transform.complete();
      while (!transform.isIdle && !isOver()) await progress.wait(late);
    }
    sinks.drain();
    const isDrained = () => graph.groups.every((group) => group.isIdle) && sinks.isEmpty;
    while (!isOver()) {
      await commits.idle(late);
      if (isDrained()) return;
      await progress.wait(late);
    }
  }

  /** Ends well; `deliveries` are under way. */
  finish(how: "finished" | "stopped", deliveries: readonly Promise<void>[]): Promise<void> {
    this.#finishing ??= this.#finishOnce(how, deliveries);
    return this.#finishing;
  }

  async #finishOnce(how: "finished" | "stopped", deliveries: readonly Promise<void>[]): Promise<void> {
    if (this.#isBroken) return;
    const { reading, sinks, commits, late } = this.#options;
    reading.abort();
    sinks.stop();
    // A write that hangs is left behind: what it had was not delivered, and stays in the outbox.
    await this.#withPatience(Promise.allSettled(deliveries));
    const idle = commits.idle(new AbortController().signal);
    // Without a stop there is time: a full disk may get room, and what was delivered is not delivered again.
    await Promise.race([idle, aborted(late).then(() => this.#withPatience(idle))]);
    if (this.#isBroken) return;
    await this.#withPatience(this.#shutDown());
    this.#end({ how });
  }

  /** Breaks off: from now on nothing leaves the process, and what is on disk is as after a kill. */
  fail(component: string, error: unknown): void {
    if (this.#isBroken || this.#shutting) return;
    this.#isBroken = true;
    const { reading, sinks, progress } = this.#options;
    reading.abort();
    sinks.stop();
    progress.wake();
    void this.#withPatience(this.#shutDown()).then(() => this.#end({ how: "failed", component, error }));
  }

  /** The commit under way lands first: whoever waits for it is told so. */
  #shutDown(): Promise<void> {
    this.#shutting ??= this.#shutDownOnce();
    return this.#shutting;
  }

  async #shutDownOnce(): Promise<void> {
    const { commits, graph, sinks, closing, data } = this.#options;
    await commits.stop();
    for (const group of graph.groups) group.abandon();
    for (const transform of graph.transforms.values()) transform.complete();
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

/** Resolves when the signal aborts. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
