import type { FileHandle } from "node:fs/promises";
import type { Reading } from "weir";
import { type FoundFile, fileKey } from "../discovery/find-files.ts";
import { ReadingQueue } from "./reading-queue.ts";
import type { Stream } from "./stream.ts";

/** The known streams, by device and inode of their files. */
export class StreamTable {
  readonly #byFile = new Map<string, Stream>();
  readonly #byLog = new Map<string, Set<Stream>>();
  readonly #displaced = new Set<Stream>();
  /** The streams with something to read. */
  readonly queue: ReadingQueue;
  /** How often streams were displaced: what was seen on disk before the last time is outdated. */
  displacements = 0;

  /** `holds`: whether the file at a path must not be read yet. */
  constructor(holds?: (path: string) => boolean) {
    this.queue = new ReadingQueue(holds);
  }

  get all(): Stream[] {
    return [...this.#byFile.values()];
  }

  /** The streams whose files are read, or will be when they grow. */
  get active(): Stream[] {
    return this.all.filter(({ reader }) => reader.isActive);
  }

  /** Streams whose files have other content now. A scan may find their own content in another file. */
  get displaced(): ReadonlySet<Stream> {
    return this.#displaced;
  }

  get logPaths(): string[] {
    return [...new Set([...this.#byLog.keys(), ...[...this.#displaced].map(({ logPath }) => logPath)])];
  }

  /** The latest timestamp among the files of a log. */
  latestTimestamp(logPath: string): bigint {
    let latest = 0n;
    for (const { timestamp } of this.#byLog.get(logPath) ?? []) if (timestamp > latest) latest = timestamp;
    return latest;
  }

  /** The stream that has the file's device and inode. */
  of(file: Pick<FoundFile, "device" | "inode">): Stream | undefined {
    return this.#byFile.get(fileKey(file));
  }

  isReadBy(file: FoundFile, handle: FileHandle): boolean {
    return this.of(file)?.handle === handle;
  }

  /** There is something to read in the stream's file. */
  wake(stream: Stream): void {
    stream.reader.atEnd = false;
    if (stream.reader.isActive) this.queue.add(stream);
  }

  /** Enters the stream under its device and inode. */
  add(stream: Stream): void {
    stream.displaced = false;
    this.#displaced.delete(stream);
    const replaced = this.#byFile.get(stream.key);
    if (replaced && replaced !== stream) this.#leaveLog(replaced);
    this.#byFile.set(stream.key, stream);
    const streams = this.#byLog.get(stream.logPath);
    if (streams) streams.add(stream);
    else this.#byLog.set(stream.logPath, new Set([stream]));
  }

  remove(stream: Stream): void {
    this.#displaced.delete(stream);
    if (this.#byFile.get(stream.key) !== stream) return;
    this.#byFile.delete(stream.key);
    this.#leaveLog(stream);
  }

  /** Drops a closed stream. Returns the reading that drops its checkpoint. */
  forget(stream: Stream): Reading {
    this.remove(stream);
    stream.reader.release();
    return stream.forget();
  }

  /**
   * Drops a stream whose file is gone. But if it was not read to its end, and a copy of it is known, it takes the place of
   * the copy: what was not read is in there. Yields what the checkpoints must record.
   */
  *drop(stream: Stream): Generator<Reading> {
    const copy = this.#copyOf(stream);
    yield this.forget(copy ?? stream);
    if (!copy) return;
    this.remove(stream);
    stream.takePlaceOf(copy);
    this.add(stream);
    yield stream.reading();
  }

  /** A copy that has more than was read of the stream. */
  #copyOf({ id, state, position }: Stream): Stream | undefined {
    if (state !== "open") return undefined;
    for (const copy of this.#byFile.values())
      if (copy.state === "copy" && copy.original === id && Math.max(copy.position, copy.largestSize) > position)
        return copy;
    return undefined;
  }

  displace(stream: Stream): void {
    this.remove(stream);
    stream.displaced = true;
    stream.reader.parked = false;
    this.#displaced.add(stream);
    this.displacements++;
  }

  #leaveLog(stream: Stream): void {
    const streams = this.#byLog.get(stream.logPath);
    streams?.delete(stream);
    if (streams?.size === 0) this.#byLog.delete(stream.logPath);
  }
}
