import { readFileSync, type Stats, statSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { isAbsolute } from "node:path";
import type { Context } from "../context.ts";
import { inTurns, readWhole } from "./in-turns.ts";
import { TableError } from "./table-error.ts";

/** A file, and what is made of it. */
export interface TableFile<T> {
  /** What is in the file, for messages, such as `table`. */
  readonly what: string;
  readonly path: string;
  /** Makes it of the bytes of the file; `changed`: when the file was changed, in milliseconds since 1970. It yields now and
   *  then, so that a large file can be read in several turns. */
  read(bytes: Buffer, changed: number): Generator<unknown, T>;
  /** The largest size of the file, in bytes. */
  readonly maxSize: number;
  /** How often to look whether the file has changed, in milliseconds. */
  readonly refresh: number;
  /** Throws a `TableError` if the table is not as it is needed. */
  check?(table: T): void;
}

/**
 * A table in a file. It is read at once, and again in the background when the file has changed: events wait for that for
 * a few milliseconds at a time, and get the old table until the new one is there. A file that is no table any more leaves
 * the old one in use.
 */
export class WatchedTable<T extends { readonly size: string }> {
  readonly #file: TableFile<T>;
  readonly #host: Pick<Context<unknown>, "clock" | "log" | "signal">;
  #table: T;
  /** The version of the file that was read last, whether it was a table or not; a word if there is no such version. */
  #version: string;
  #checked: number;
  #isReading = false;
  #count: { reloaded: number; failed: number } = { reloaded: 0, failed: 0 };

  /** Throws an error that names the file if it is no table. */
  constructor(file: TableFile<T>, host: Pick<Context<unknown>, "clock" | "log" | "signal">) {
    this.#file = file;
    this.#host = host;
    this.#checked = host.clock.monotonic();
    try {
      const found = statSync(file.path);
      this.#version = this.#checkedVersion(found);
      this.#table = readWhole(file.read(readFileSync(file.path), found.mtimeMs));
      file.check?.(this.#table);
    } catch (error) {
      throw new Error(this.#sentence(error));
    }
  }

  /** The current table. `note`: counts what became of changed files. */
  current(note: (name: string, count?: number) => void): T {
    const now = this.#host.clock.monotonic();
    if (now - this.#checked >= this.#file.refresh && !this.#isReading) {
      this.#checked = now;
      void this.refresh();
    }
    const { reloaded, failed } = this.#count;
    if (reloaded > 0) note("table_reloaded", reloaded);
    if (failed > 0) note("table_reload_failed", failed);
    if (reloaded + failed > 0) this.#count = { reloaded: 0, failed: 0 };
    return this.#table;
  }

  /** Reads the file again if it has changed. Never rejects. */
  async refresh(): Promise<void> {
    this.#isReading = true;
    try {
      await this.#readChanged();
    } catch (error) {
      this.#count.failed++;
      this.#host.log.warn(`${this.#sentence(error)}; the ${this.#file.what} that was read before stays in use`);
    } finally {
      this.#isReading = false;
    }
  }

  async #readChanged(): Promise<void> {
    const { path } = this.#file;
    const before = await stat(path).catch((error: unknown) => {
      // A missing file is logged once.
      if (this.#version === "none") return undefined;
      this.#version = "none";
      throw error;
    });
    if (!before || versionOf(before) === this.#version) return;
    this.#version = versionOf(before);
    this.#checkedVersion(before);
    const bytes = await readFile(path).catch((error: unknown) => {
      this.#version = "unread";
      throw error;
    });
    const table = await inTurns(this.#file.read(bytes, before.mtimeMs));
    // Somebody is still writing: the next look finds the rest.
    if (versionOf(await stat(path)) !== this.#version) {
      this.#version = "unfinished";
      return;
    }
    this.#file.check?.(table);
    if (this.#host.signal.aborted) return;
    this.#table = table;
    this.#count.reloaded++;
    this.#host.log.info(`read "${path}" again, because it has changed: ${table.size}`);
  }

  #checkedVersion(found: Stats): string {
    if (!found.isFile()) throw new TableError("it is not a file");
    const { maxSize } = this.#file;
    if (found.size > maxSize) throw new TableError(`it has ${found.size} bytes, and "max_size" allows ${maxSize}`);
    return versionOf(found);
  }

  #sentence(error: unknown): string {
    const { what, path } = this.#file;
    if (error instanceof TableError) return `the ${what} "${path}" cannot be used: ${error.message}`;
    return `the ${what} "${path}" cannot be read: ${whyUnread(path, error)}`;
  }
}

const whyUnread = (path: string, error: unknown): string => {
  if ((error as NodeJS.ErrnoException).code === "ENOENT")
    return isAbsolute(path) ? "it does not exist" : "it does not exist in the folder in which weir runs";
  return error instanceof Error ? error.message : String(error);
};

const versionOf = ({ mtimeMs, size, ino }: Stats): string => `${mtimeMs} ${size} ${ino}`;
