import { createReadStream, createWriteStream } from "node:fs";
import { open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Clock, Log } from "weir";
import { rotatedName, rotationTime, unfinished } from "./rotated-name.ts";
import { syncDirectory } from "./sync-directory.ts";

export interface RotationOptions {
  /** In bytes and in milliseconds; without them a file is never too large, or never too old. */
  readonly size?: number;
  readonly every?: number;
  readonly keep: number;
  readonly compress: boolean;
}

/** Gives full files a name of their own, and sees to those that have one, without holding up anybody. */
export class Rotation {
  readonly #options: RotationOptions;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #stop = new AbortController();
  #tidying: Promise<void> = Promise.resolve();

  constructor(options: RotationOptions, clock: Clock, log: Log) {
    this.#options = options;
    this.#clock = clock;
    this.#log = log;
  }

  now(): number {
    return this.#clock.now();
  }

  /** Whether a file of `length` bytes, begun at `started`, is to be rotated before `more` bytes are added. */
  isDue(length: number, started: number, more: number): boolean {
    const { size, every } = this.#options;
    if (length === 0) return false;
    return (size !== undefined && length + more > size) || (every !== undefined && this.now() - started >= every);
  }

  /** Renames a file, which is closed and synced. */
  async rotate(path: string): Promise<void> {
    const directory = dirname(path);
    // Names are in the order of the files, also when the clock is set back.
    const newest = Math.max(...(await readdir(directory)).map((name) => rotationTime(path, name) ?? 0), 0);
    const time = Math.max(this.now(), newest + 1);
    await rename(path, join(directory, rotatedName(path, time)));
    await syncDirectory(directory);
    this.tidy(path);
  }

  /** Compresses the rotated files of `path` and removes the oldest, in its own time; also what a crash has left. */
  tidy(path: string): void {
    if (this.#options.size === undefined && this.#options.every === undefined) return;
    this.#tidying = this.#tidying
      .then(() => this.#tidy(path))
      .catch((error: Error) => {
        if (!this.#stop.signal.aborted)
          this.#log.error(`what was rotated from "${path}" could not be tidied, and is again later: ${error.message}`);
      });
  }

  /** Stops compressing; the next start goes on with it. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#tidying;
  }

  async #tidy(path: string): Promise<void> {
    const directory = dirname(path);
    const names = (await readdir(directory)).filter((name) => rotationTime(path, name) !== undefined);
    for (const name of names.filter((name) => name.endsWith(unfinished))) await rm(join(directory, name));
    const plain = (name: string) => name.replace(/\.gz$/, "");
    const files = [...new Set(names.filter((name) => !name.endsWith(unfinished)).map(plain))].sort().reverse();
    for (const [index, name] of files.entries()) {
      if (this.#stop.signal.aborted) return;
      const file = join(directory, name);
      const isKept = index < this.#options.keep;
      const isPlain = names.includes(name);
      if (!isKept) await Promise.all([rm(file, { force: true }), rm(`${file}.gz`, { force: true })]);
      else if (isPlain && names.includes(`${name}.gz`)) await rm(file);
      else if (isPlain && this.#options.compress) await compress(file, this.#stop.signal);
    }
  }
}

/** The compressed file has its name only when it is whole and on disk; then the plain one goes. */
const compress = async (file: string, signal: AbortSignal): Promise<void> => {
  const part = `${file}${unfinished}`;
  await pipeline(createReadStream(file), createGzip(), createWriteStream(part, { mode: 0o640 }), { signal });
  const handle = await open(part, "r+");
  await handle.sync().finally(() => handle.close());
  await rename(part, `${file}.gz`);
  await syncDirectory(dirname(file));
  await rm(file);
};
