import { type FSWatcher, watch } from "node:fs";
import { join } from "node:path";
import type { Clock } from "weir";

/** What happened in the watched directories since the last look. */
export interface Changes {
  /** Paths of files that were written to. */
  readonly paths: ReadonlySet<string>;
  /** A file came, went or was renamed. */
  readonly renamed: boolean;
}

/** Wakes a reader when something changes in one of its directories. Only a hint: who waits must also look by itself. */
export class DirectoryWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #paths = new Set<string>();
  #renamed = false;
  #sleep: AbortController | undefined;
  readonly #wake = () => this.#sleep?.abort();

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    signal.addEventListener("abort", this.#wake);
  }

  /** Watches these directories and no others; one that cannot be watched is tried again at the next call. */
  cover(directories: ReadonlySet<string>): void {
    for (const directory of this.#watchers.keys()) if (!directories.has(directory)) this.#drop(directory);
    for (const directory of directories) if (!this.#watchers.has(directory)) this.#add(directory);
  }

  /** Resolves after `ms`, at the next change, or when the source is to stop. */
  async wait(ms: number): Promise<void> {
    if (this.#renamed || this.#paths.size > 0 || this.#signal.aborted) return;
    this.#sleep = new AbortController();
    await this.#clock.sleep(ms, this.#sleep.signal);
    this.#sleep = undefined;
  }

  take(): Changes {
    const changes = { paths: this.#paths, renamed: this.#renamed };
    this.#paths = new Set();
    this.#renamed = false;
    return changes;
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#wake);
    for (const directory of [...this.#watchers.keys()]) this.#drop(directory);
  }

  #add(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, (event, name) => {
        if (event === "rename" || name === null) this.#renamed = true;
        else this.#paths.add(join(directory, name));
        this.#wake();
      });
      watcher.on("error", () => this.#drop(directory));
      this.#watchers.set(directory, watcher);
    } catch {
      // No such directory yet, or no inotify watch left: polling finds what changes.
    }
  }

  #drop(directory: string): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
  }
}
