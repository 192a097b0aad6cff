import { readFileSync } from "node:fs";
import type { Stream } from "./stream.ts";

/** What is assumed where the system does not tell its limit. */
const assumedLimit = 1024;

/** More open files than this gain nothing. */
const mostFiles = 4096;

/** The process's limit on file descriptors (RLIMIT_NOFILE). */
const descriptorLimit = (): number => {
  try {
    const [, limit] = /^Max open files\s+(\d+|unlimited)/m.exec(readFileSync("/proc/self/limits", "utf8")) ?? [];
    return limit === "unlimited" ? Number.POSITIVE_INFINITY : Number(limit ?? assumedLimit);
  } catch {
    return assumedLimit;
  }
};

/** The file sources of this process share half of its descriptors. The rest is for the database, sinks and servers. */
const sources = new Set<OpenFiles>();

/**
 * The files that a source keeps open. When there are too many, files that were read to their end are closed; they are
 * opened again when they have grown.
 */
export class OpenFiles {
  readonly #most: number;
  readonly #total = Math.min(mostFiles, Math.floor(descriptorLimit() / 2));
  /** The least recently read first. */
  readonly #streams = new Set<Stream>();

  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
    sources.add(this);
  }

  get limit(): number {
    return Math.max(1, Math.min(this.#most, Math.floor(this.#total / sources.size)));
  }

  /** How many files may be opened at once for examination, beyond those that are kept open. */
  get examined(): number {
    return Math.max(1, Math.min(256, this.limit >> 2));
  }

  /** The stream's file was opened or read. */
  touch(stream: Stream): void {
    this.#streams.delete(stream);
    if (stream.handle) this.#streams.add(stream);
  }

  /** No more files can be opened without closing another one. */
  get isFull(): boolean {
    return this.#streams.size >= this.limit;
  }

  /** Closes files until no more than `limit`, minus `spare`, are open. */
  async trim(spare = 0): Promise<void> {
    for (const stream of this.#streams) {
      if (this.#streams.size + spare <= this.limit) return;
      if (isIdle(stream) && isKnown(stream)) await this.#park(stream);
    }
    const rest = [...this.#streams].filter(isKnown);
    // Of the files with something to read, the last one read will be needed last.
    for (const stream of [...rest.reverse(), ...this.#streams]) {
      if (this.#streams.size + spare <= this.limit) return;
      await this.#park(stream);
    }
  }

  async #park(stream: Stream): Promise<void> {
    // A deleted file could not be opened again.
    if ((await stream.handle?.stat())?.nlink === 0) return;
    this.#streams.delete(stream);
    if (stream.handle) await stream.reader.park(stream);
  }

  close(): void {
    sources.delete(this);
  }
}

/** A file of which little was read could hardly be recognised if it were renamed and its inode reused. */
const isKnown = ({ handle, isRecognisable }: Stream): boolean => handle === undefined || isRecognisable;

const isIdle = ({ handle, reader, placement }: Stream): boolean =>
  handle === undefined || (reader.atEnd && placement === "current");
