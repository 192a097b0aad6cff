import { compareContent } from "../content/compare.ts";
import { tailLength } from "../content/fingerprint.ts";
import { fileVersion } from "../discovery/find-files.ts";
import { openFile } from "../discovery/open-file.ts";
import { isRecognisable } from "./identity.ts";
import type { Stream } from "./stream.ts";

/** More open files than this gain nothing. */
const mostFiles = 4096;

/** The file sources of this process share half of its descriptors. The rest is for the database, sinks and servers. */
const sources = new Set<OpenFiles>();

/**
 * The files that a source keeps open. When there are too many, files that were read to their end are closed; they are
 * opened again when they have grown.
 */
export class OpenFiles {
  readonly #most: number;
  readonly #total: number;
  /** The least recently read first. */
  readonly #streams = new Set<Stream>();

  /** `descriptors` is how many the process may have, and `most` how many files the source may keep open. */
  constructor(descriptors: number, most = Number.POSITIVE_INFINITY) {
    this.#total = Math.min(mostFiles, Math.floor(descriptors / 2));
    this.#most = most;
    sources.add(this);
  }

  get limit(): number {
    return Math.max(1, Math.min(this.#most, this.#share));
  }

  get #share(): number {
    return Math.floor(this.#total / sources.size);
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
      if (isIdle(stream) && (!stream.handle || isRecognisable(stream))) await this.#park(stream);
    }
    // Of the files with something to read, the last one read will be needed last.
    for (const stream of [...this.#streams].reverse()) {
      if (this.#streams.size + spare <= this.limit) return;
      if (this.#streams.size > this.#share || (await isKnown(stream))) await this.#park(stream);
    }
  }

  async #park(stream: Stream): Promise<void> {
    const stats = await stream.handle?.stat({ bigint: true });
    // A deleted file could not be opened again.
    if (stats?.nlink === 0n) return;
    this.#streams.delete(stream);
    if (!stats) return;
    // The next scan can tell whether the file has changed since.
    if (!stream.compressed)
      stream.version = fileVersion({ path: stream.path, size: Number(stats.size), modified: stats.mtimeNs });
    await stream.reader.park(stream);
  }

  /** Keeps nothing of streams whose files were closed elsewhere, because they were read to their end, for example. */
  dropClosed(): void {
    for (const stream of this.#streams) if (!stream.handle) this.#streams.delete(stream);
  }

  close(): void {
    sources.delete(this);
  }
}

/** Opens the file of a stream that was parked. */
export const unpark = async (stream: Stream): Promise<"open" | "gone" | "truncated"> => {
  const handle = await openFile(stream.path, stream.key);
  if (handle === "gone") return "gone";
  if (!stream.compressed && (await compareContent(handle, stream.reader.fingerprints)) !== "same") {
    await handle.close();
    return "truncated";
  }
  await stream.reader.unpark(handle, stream);
  return "open";
};

/**
 * A file that was not read to its end, and is too short to be recognised by its head, is soon read. If it were closed
 * before, and then renamed and its inode reused, it could not be distinguished from the other file.
 */
const isKnown = async (stream: Stream): Promise<boolean> => {
  const { handle, compressed, reader } = stream;
  if (!handle || compressed || reader.atEnd || isRecognisable(stream)) return true;
  const { size } = await handle.stat();
  return size === 0 || size >= tailLength;
};

const isIdle = ({ handle, reader, placement }: Stream): boolean =>
  handle === undefined || (reader.atEnd && placement === "current");
