import { type FSWatcher, watch } from "node:fs";
import { dirname, join } from "node:path";
import type { Clock } from "weir";
import { fixedDirectory } from "./links.ts";

/** What happened in the watched directories since the last call of `take`. */
export interface DirectoryChanges {
  /** Paths of files that were written to. */
  readonly paths: ReadonlySet<string>;
  /** A file was created, removed or renamed. */
  readonly renamed: boolean;
}

/** Wakes the reader when something changes in a watched directory. This is only a hint: the reader must poll as well. */
export class DirectoryWatch {
  readonly #watchers = new Map<string, FSWatcher>();
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  #paths = new Set<string>();
  #renamed = false;
  #isWoken = false;
  #sleep: AbortController | undefined;
  readonly #wake = () => this.#sleep?.abort();

  /** Ends the present wait, or the next one. */
  readonly wake = (): void => {
    this.#isWoken = true;
    this.#wake();
  };

  constructor(clock: Clock, signal: AbortSignal) {
    this.#clock = clock;
    this.#signal = signal;
    signal.addEventListener("abort", this.#wake);
  }

  /** Watches exactly these directories. One that cannot be watched is tried again at the next call. */
  watchOnly(directories: ReadonlySet<string>): void {
    for (const directory of this.#watchers.keys()) if (!directories.has(directory)) this.#remove(directory);
    for (const directory of directories) if (!this.#watchers.has(directory)) this.#add(directory);
  }

  /** Resolves after `ms`, at the next change or call of `wake`, or when the source is stopped. */
  async wait(ms: number): Promise<void> {
    if (this.#isWoken || this.#renamed || this.#paths.size > 0 || this.#signal.aborted) return;
    this.#sleep = new AbortController();
    await this.#clock.sleep(ms, this.#sleep.signal);
    this.#sleep = undefined;
  }

  take(): DirectoryChanges {
    const changes = { paths: this.#paths, renamed: this.#renamed };
    this.#paths = new Set();
    this.#renamed = false;
    this.#isWoken = false;
    return changes;
  }

  close(): void {
    this.#signal.removeEventListener("abort", this.#wake);
    for (const directory of [...this.#watchers.keys()]) this.#remove(directory);
  }

  #add(directory: string): void {
    try {
      const watcher = watch(directory, { persistent: false }, (event, name) => {
        if (event === "rename" || name === null) this.#renamed = true;
        else this.#paths.add(join(directory, name));
        this.#wake();
      });
      watcher.on("error", () => this.#remove(directory));
      this.#watchers.set(directory, watcher);
    } catch {
      // The directory does not exist yet, or the inotify watches are used up: polling finds the changes.
    }
  }

  #remove(directory: string): void {
    this.#watchers.get(directory)?.close();
    this.#watchers.delete(directory);
  }
}

/** The directories in which a change may create or move a file to read. */
export const directoriesToWatch = (include: readonly string[], paths: Iterable<string>): Set<string> => {
  return new Set([...include.map((pattern) => fixedDirectory(pattern)), ...[...paths].map((path) => dirname(path))]);
};
