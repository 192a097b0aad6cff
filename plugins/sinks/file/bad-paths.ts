import type { Clock } from "weir";

export interface BadPathsOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly trouble: (message: string | undefined) => void;
}

/** How long the events of a bad path are tried again, at least, before they are rejected, in milliseconds. */
const patience = 2_000;
/** A path that has not failed for this long is forgotten, in milliseconds. */
const memory = 300_000;
/** More bad paths than this are not remembered. */
const most = 100;

/**
 * The paths that cannot be written to. The first of them is tried again for some seconds, in which all later events wait.
 * After that, every bad path is given up at once, until none has failed for 5 minutes: otherwise a client that chooses the
 * names could hold up all others.
 */
export class BadPaths {
  readonly #options: BadPathsOptions;
  /** What is wrong, and in how many rounds of forgetting the path has not failed. The latest is the last. */
  readonly #paths = new Map<string, { readonly message: string; rounds: number }>();
  /** What is wrong with the only path, or with the directory of all paths. */
  #wrong: string | undefined;
  /** Aborts when the patience with the current bad paths is over. */
  #patience = new AbortController();
  #isWatched = false;

  constructor(options: BadPathsOptions) {
    this.#options = options;
  }

  /** Notes that a path cannot be written to. Returns whether its events are to be given up now. */
  failed(path: string, message: string): boolean {
    if (this.#paths.size === 0) this.#startPatience();
    this.#paths.delete(path);
    this.#paths.set(path, { message, rounds: 0 });
    if (this.#paths.size > most) this.#paths.delete(this.#paths.keys().next().value!);
    this.#report();
    void this.#forgetOld();
    return this.#patience.signal.aborted;
  }

  /** Notes that nothing can be written at all. The events wait: returns false. */
  allFailed(message: string): false {
    this.#wrong = message;
    this.#report();
    return false;
  }

  succeeded(path: string): void {
    const wasBad = this.#paths.delete(path) || this.#wrong !== undefined;
    this.#wrong = undefined;
    if (wasBad) this.#report();
  }

  #startPatience(): void {
    const { clock, signal } = this.#options;
    const started = new AbortController();
    this.#patience = started;
    void clock.sleep(patience, signal).then(() => {
      if (!signal.aborted) started.abort();
    });
  }

  async #forgetOld(): Promise<void> {
    if (this.#isWatched) return;
    this.#isWatched = true;
    const { clock, signal } = this.#options;
    while (this.#paths.size > 0 && !signal.aborted) {
      await clock.sleep(memory / 5, signal);
      for (const [path, bad] of this.#paths) if (++bad.rounds > 5) this.#paths.delete(path);
      this.#report();
    }
    this.#isWatched = false;
  }

  #report(): void {
    const latest = [...this.#paths.values()].at(-1)?.message;
    const others = this.#paths.size - 1;
    const more = others > 0 ? ` (and ${others} more ${others === 1 ? "path" : "paths"})` : "";
    const some = latest && `events go to the dead letter, because their path cannot be written to: ${latest}${more}`;
    this.#options.trouble(this.#wrong ?? some);
  }
}
