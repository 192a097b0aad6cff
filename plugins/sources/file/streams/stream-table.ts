import type { FileHandle } from "node:fs/promises";
import { type FoundFile, fileKey } from "../discovery/find-files.ts";
import type { Stream } from "./stream.ts";

/** The known streams, by device and inode of their files. */
export class StreamTable {
  readonly #byFile = new Map<string, Stream>();
  readonly #displaced = new Set<Stream>();

  get all(): Stream[] {
    return [...this.#byFile.values()];
  }

  /** The streams whose files are open, in reading order. */
  get open(): Stream[] {
    return this.all.filter(({ handle }) => handle !== undefined).sort(inReadingOrder);
  }

  /** Streams whose files have other content now. A scan may find their own content in another file. */
  get displaced(): ReadonlySet<Stream> {
    return this.#displaced;
  }

  get logPaths(): string[] {
    return [...this.#byFile.values(), ...this.#displaced].map(({ logPath }) => logPath);
  }

  /** The streams to read now: of each log, the first one that has something to read. */
  next(): Stream[] {
    const chosen = new Map<string, Stream>();
    for (const stream of this.open) {
      if (!stream.reader.atEnd && !chosen.has(stream.logPath)) chosen.set(stream.logPath, stream);
    }
    return [...chosen.values()];
  }

  /** The latest timestamp among the files of a log. */
  latestTimestamp(logPath: string): bigint {
    return this.all.reduce(
      (latest, stream) => (stream.logPath === logPath && stream.timestamp > latest ? stream.timestamp : latest),
      0n,
    );
  }

  /** The stream that has the file's device and inode. */
  of(file: FoundFile): Stream | undefined {
    return this.#byFile.get(fileKey(file));
  }

  isReadBy(file: FoundFile, handle: FileHandle): boolean {
    return this.of(file)?.handle === handle;
  }

  /** Enters the stream under its device and inode. */
  add(stream: Stream): void {
    stream.displaced = false;
    this.#displaced.delete(stream);
    this.#byFile.set(stream.key, stream);
  }

  remove(stream: Stream): void {
    this.#displaced.delete(stream);
    if (this.#byFile.get(stream.key) === stream) this.#byFile.delete(stream.key);
  }

  displace(stream: Stream): void {
    this.remove(stream);
    stream.displaced = true;
    this.#displaced.add(stream);
  }
}

/** Files that lost the log's path come before the file that has it; otherwise the oldest first. */
export const inReadingOrder = (a: Stream, b: Stream): number => {
  const moved = ({ path, logPath, placement }: Stream) => Number(path !== logPath || placement !== "current");
  if (moved(a) !== moved(b)) return moved(b) - moved(a);
  if (a.timestamp !== b.timestamp) return a.timestamp < b.timestamp ? -1 : 1;
  return a.path < b.path ? -1 : 1;
};
