import { createReadStream, createWriteStream } from "node:fs";
import { open, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { createGzip } from "node:zlib";
import type { Clock, Log } from "weir";
import { originalName, rotatedName, rotationTime, unfinished } from "./rotated-name.ts";
import { syncDirectory } from "./sync-directory.ts";

export interface RotationOptions {
  /** The largest size in bytes. Without it, the size does not matter. */
  readonly size?: number;
  /** The largest age in milliseconds. Without it, the age does not matter. */
  readonly every?: number;
  readonly keep: number;
  readonly compress: boolean;
}

/** A directory that takes longer to read is not read again at once, in milliseconds. */
const longRead = 20;

/** Rotates files that are full or old, and compresses and removes rotated files in the background. */
export class Rotation {
  readonly #options: RotationOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #cleaning: Promise<void> = Promise.resolve();
  /** The files whose rotated files are to be cleaned up next, by directory. */
  readonly #waiting = new Map<string, Set<string>>();

  constructor(options: RotationOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Whether a file of `length` bytes, created at `started` (a time up to now), must be rotated before `more` bytes are added. */
  isDue(length: number, started: number, more: number): boolean {
    const { size, every } = this.#options;
    if (length === 0) return false;
    return (size !== undefined && length + more > size) || (every !== undefined && this.now() - started >= every);
  }

  /** Renames the file, which must be closed and synced. */
  async rotate(path: string): Promise<void> {
    const directory = dirname(path);
    // Names sort in the order of rotation, even if the clock was set back.
    const newest = Math.max(...(await readdir(directory)).map((name) => rotationTime(path, name) ?? 0), 0);
    const time = Math.max(this.now(), newest + 1);
    await rename(path, join(directory, rotatedName(path, time)));
    await syncDirectory(directory);
    this.cleanUp(path);
  }

  /** In the background: compresses the rotated files of `path`, removes the oldest, and finishes what a crash interrupted. */
  cleanUp(path: string): void {
    if (this.#options.size === undefined && this.#options.every === undefined) return;
    const directory = dirname(path);
    const waiting = this.#waiting.get(directory);
    if (waiting) {
      waiting.add(path);
      return;
    }
    this.#waiting.set(directory, new Set([path]));
    this.#cleaning = this.#cleaning.then(() => this.#cleanUpDirectory(directory));
  }

  /** Stops compressing; the next start continues. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#cleaning;
  }

  /** Reads the directory once for all of its files: there can be many. */
  async #cleanUpDirectory(directory: string): Promise<void> {
    const start = performance.now();
    const names = await readdir(directory).catch((error: NodeJS.ErrnoException) =>
      error.code === "ENOENT" ? [] : error,
    );
    const paths = this.#waiting.get(directory)!;
    this.#waiting.delete(directory);
    if (names instanceof Error) return this.#report([...paths][0]!, names);
    const rotated = Map.groupBy(names, originalName);
    const took = performance.now() - start;
    for (const path of paths) {
      if (this.#stop.signal.aborted) return;
      const own = (rotated.get(basename(path)) ?? []).filter((name) => rotationTime(path, name) !== undefined);
      await this.#cleanUp(directory, own).catch((error: Error) => this.#report(path, error));
    }
    // New files can come all the time: reading the names of all files again and again must not take it up.
    if (took > longRead) await sleep(4 * took, undefined, { signal: this.#stop.signal }).catch(() => undefined);
  }

  #report(path: string, error: Error): void {
    if (this.#stop.signal.aborted) return;
    this.#log.error(
      `cannot clean up the rotated files of "${path}": ${error.message}. weir tries again after the next rotation`,
    );
  }

  async #cleanUp(directory: string, names: readonly string[]): Promise<void> {
    for (const name of names.filter((name) => name.endsWith(unfinished))) await rm(join(directory, name));
    const original = (name: string) => name.replace(/\.gz$/, "");
    const files = [...new Set(names.filter((name) => !name.endsWith(unfinished)).map(original))].sort().reverse();
    for (const [index, name] of files.entries()) {
      if (this.#stop.signal.aborted) return;
      const file = join(directory, name);
      const isKept = index < this.#options.keep;
      const isUncompressed = names.includes(name);
      if (!isKept) await Promise.all([rm(file, { force: true }), rm(`${file}.gz`, { force: true })]);
      else if (isUncompressed && names.includes(`${name}.gz`)) await rm(file);
      else if (isUncompressed && this.#options.compress) await compress(file, this.#stop.signal);
    }
  }
}

/** The compressed file gets its final name once it is complete and synced. Then the original is removed. */
const compress = async (file: string, signal: AbortSignal): Promise<void> => {
  const part = `${file}${unfinished}`;
  await pipeline(createReadStream(file), createGzip(), createWriteStream(part, { mode: 0o640 }), { signal });
  const handle = await open(part, "r+");
  await handle.sync().finally(() => handle.close());
  await rename(part, `${file}.gz`);
  await syncDirectory(dirname(file));
  await rm(file);
};
