import type { FileHandle } from "node:fs/promises";
import type { Clock, Reading } from "weir";
import { readRange } from "../content/fingerprint.ts";
import { type FoundFile, fileKey, fileVersion } from "../discovery/find-files.ts";
import type { Snapshot } from "../discovery/snapshot.ts";
import type { SourceLog } from "../report.ts";
import { matchFile, mayBeCopy } from "./match.ts";
import { Stream } from "./stream.ts";
import type { StreamTable } from "./stream-table.ts";

export interface ScanContext {
  readonly streams: StreamTable;
  /** Compressed files that must not be read yet, because their streams are still read from other files: key to version. */
  readonly postponed: Map<string, string>;
  /** Nothing was read before: rotated files are ignored, and `read_from` applies. */
  readonly isFirst: boolean;
  readonly readFrom: "beginning" | "end";
  readonly clock: Clock;
  readonly report: SourceLog;
}

/** Finds the stream of each file in a snapshot. */
export class Scan {
  readonly #context: ScanContext;
  readonly #snapshot: Snapshot;
  readonly #streams: StreamTable;

  constructor(context: ScanContext, snapshot: Snapshot) {
    this.#context = context;
    this.#snapshot = snapshot;
    this.#streams = context.streams;
  }

  /** Yields what the checkpoints must record. Ends early if the snapshot must be repeated. */
  async *run(): AsyncGenerator<Reading> {
    const { files } = this.#snapshot;
    const recognised = new Set<FoundFile>();
    for (const file of files) if (await this.#recognise(file)) recognised.add(file);
    for (const file of files) {
      // Copies are examined again after a truncation: one may have the content of the truncated file.
      const isCopy = this.#context.postponed.has(fileKey(file)) || this.#streams.of(file)?.state === "copy";
      if (!(isCopy && this.#streams.displaced.size > 0) && recognised.has(file)) continue;
      if (this.#snapshot.mustRepeat) return;
      yield* this.#identify(file);
    }
  }

  /** Whether the file needs no further examination: the stream with its inode has it, or it cannot be read now. */
  async #recognise(file: FoundFile): Promise<boolean> {
    const known = this.#streams.of(file);
    if (known?.handle) known.update(file);
    const version = known?.version ?? this.#context.postponed.get(fileKey(file));
    if (known?.handle || version === fileVersion(file)) return true;
    if (!known) return false;
    const isStill = await this.#snapshot.open(
      file,
      async (handle) => (await known.isStillIn(file, handle)) && known.resume(file, handle),
    );
    // A copy of it may have been made after the snapshot.
    if (isStill === false) this.#displace(known);
    return isStill !== false;
  }

  /** For a file whose inode no stream has: it was moved or compressed, it is a copy, or it is new. */
  async *#identify(file: FoundFile): AsyncGenerator<Reading> {
    // An empty file has nothing to identify it by yet.
    if (file.rotated && file.size === 0) return;
    const copy = this.#streams.of(file);
    const { isFirst } = this.#context;
    const readings = await this.#snapshot.open(file, async (handle) => {
      const { all, displaced } = this.#streams;
      const missing = all.filter(({ key, handle }) => !handle && !this.#snapshot.keys.has(key));
      const free = new Set([...displaced, ...(copy ? [] : missing)]);
      const taken = copy || isFirst ? [] : all.filter((stream) => !free.has(stream));
      const { kind, stream } = await matchFile(file, handle, free, taken);
      if (kind === "own") return [...(copy ? [copy.forget()] : []), ...(await this.#move(stream, file, handle))];
      if (copy || kind === "unclear") return [];
      if (kind === "later") return this.#postpone(stream, file, handle);
      if (kind === "copy") return this.#create(file, handle, "copy");
      if (await this.#mayBeCopyOfNewLog(file, handle)) return isFirst ? this.#create(file, handle, "copy") : [];
      if (!isFirst && !file.rotated) await this.#snapshot.checkForRotations();
      if (this.#snapshot.mustRepeat) return [];
      return this.#create(file, handle, this.#isIgnored(file) ? "ignored" : "open");
    });
    yield* readings ?? [];
  }

  /** Whether it may be a copy of a log that is also new. That log is read first, and the next scan can then tell. */
  async #mayBeCopyOfNewLog(file: FoundFile, handle: FileHandle): Promise<boolean> {
    const log = this.#snapshot.files.find(({ path, rotated }) => path === file.logPath && !rotated);
    if (!log || !file.rotated || this.#streams.of(log)) return false;
    return (await this.#snapshot.open(log, (other) => mayBeCopy(handle, other))) ?? false;
  }

  /** Files from before the first start that are not read. */
  #isIgnored({ rotated, compressed }: FoundFile): boolean {
    const { isFirst, readFrom } = this.#context;
    return isFirst && (rotated || (compressed && readFrom === "end"));
  }

  /** The stream continues in `file`. */
  async #move(stream: Stream, file: FoundFile, handle: FileHandle): Promise<readonly Reading[]> {
    this.#streams.remove(stream);
    if (!(await stream.resume(file, handle))) {
      this.#displace(stream);
      return [];
    }
    this.#streams.add(stream);
    this.#context.postponed.delete(fileKey(file));
    if (stream.truncated) this.#context.report.continuedInCopy(stream, file);
    stream.truncated = false;
    // The committed checkpoint still names the old file, which another stream's checkpoint may soon name as well.
    return [stream.reading(undefined, stream.handle ? {} : { end: true })];
  }

  /** The compressed file is still being written, or its content is still being read from another file. */
  async #postpone(stream: Stream, file: FoundFile, handle: FileHandle): Promise<readonly Reading[]> {
    const { postponed, clock, report } = this.#context;
    const hasFile = stream.handle !== undefined || this.#snapshot.keys.has(stream.key);
    if (hasFile) postponed.set(fileKey(file), fileVersion(file));
    if (hasFile || !stream.isGone(clock.monotonic())) return [];
    // It ends before the position already read to, and this will not change: there is nothing more to read.
    report.brokenGzip(file.path, stream.position);
    stream.state = "ended";
    return this.#move(stream, file, handle);
  }

  /** Creates a stream, and returns what its checkpoint must record before anything of it is read. */
  async #create(file: FoundFile, handle: FileHandle, state: "open" | "ignored" | "copy"): Promise<readonly Reading[]> {
    const stream = new Stream(file.logPath, file);
    stream.update(file);
    // A new log is younger than its rotated files, even if the clock of the file system is behind their names.
    const latest = this.#streams.latestTimestamp(file.logPath);
    if (!file.rotated && stream.timestamp <= latest) stream.timestamp = latest + 1n;
    const { size } = await handle.stat();
    const fromEnd = this.#context.isFirst && this.#context.readFrom === "end";
    if (state !== "open" && file.compressed) await stream.reader.restoreFromGzip(handle);
    else {
      const position = state !== "open" ? size : fromEnd ? await lastLineStart(handle, size) : 0;
      await stream.reader.open(handle, stream, position);
    }
    this.#streams.add(stream);
    if (state === "open") return fromEnd ? [stream.reading()] : [];
    stream.reader.release();
    stream.state = state;
    return [stream.reading(undefined, { end: true })];
  }

  #displace(stream: Stream): void {
    this.#snapshot.outdated = true;
    this.#streams.displace(stream);
  }
}

/** Where the last line begins among the first `size` bytes: just after the last newline, or at 0. */
const lastLineStart = async (handle: FileHandle, size: number): Promise<number> => {
  const step = 64 * 1024;
  for (let to = size; to > 0; to -= step) {
    const from = Math.max(0, to - step);
    const newline = (await readRange(handle, from, to)).lastIndexOf(10);
    if (newline >= 0) return from + newline + 1;
  }
  return 0;
};
