import type { Clock } from "../../../clock.ts";

/** Between two pages, in milliseconds: events come first. */
const pause = 2;

export interface FillingOptions {
  readonly clock: Clock;
  /** Reads a page. Whether there are more. */
  readonly fill: () => boolean;
  readonly fail: (error: unknown) => void;
}

/** Fills the indexes of state in the background, until it is stopped. */
export class Filling {
  readonly #options: FillingOptions;
  readonly #stopped = new AbortController();
  #isRunning = false;

  constructor(options: FillingOptions) {
    this.#options = options;
  }

  /** There is something to fill. */
  start(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    void this.#run();
  }

  stop(): void {
    this.#stopped.abort();
  }

  async #run(): Promise<void> {
    const { clock, fill, fail } = this.#options;
    const { signal } = this.#stopped;
    try {
      do await clock.sleep(pause, signal);
      while (!signal.aborted && fill());
    } catch (error) {
      fail(error);
    }
    this.#isRunning = false;
  }
}
