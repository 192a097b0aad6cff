import type { FileHandle } from "node:fs/promises";
import type { Reading } from "weir";
import { type FoundFile, fileKey, fileVersion } from "../discovery/find-files.ts";
import type { Snapshot } from "../discovery/snapshot.ts";
import { createStream, type NewState } from "./create-stream.ts";
import { hasCertainly, isBlank } from "./identity.ts";
import { type Match, matchFile, mayBeCopy } from "./match.ts";
import { Pause } from "./pause.ts";
import { isStillIn } from "./same-content.ts";
import type { ScanContext } from "./scan-context.ts";
import { Stream } from "./stream.ts";
import type { StreamTable } from "./stream-table.ts";

/** A new log, which is open until it is certain that no file was rotated from it since the snapshot. */
interface NewLog {
  readonly file: FoundFile;
  readonly handle: FileHandle;
}

/** Finds the stream of each file in a snapshot. */
export class Scan {
  readonly #context: ScanContext;
  readonly #snapshot: Snapshot;
  readonly #streams: StreamTable;
  readonly #pause = new Pause();
  /** The streams whose files were not found. */
  readonly #missing: Set<Stream>;
  readonly #newLogs: NewLog[] = [];

  constructor(context: ScanContext, snapshot: Snapshot) {
    this.#context = context;
    this.#snapshot = snapshot;
    this.#streams = context.streams;
    this.#missing = new Set(this.#streams.all.filter(({ key, handle }) => !handle && !snapshot.keys.has(key)));
  }

  /**
   * Yields what the checkpoints must record, and `undefined` from time to time, when something else may be done. Ends
   * early if the snapshot must be repeated.
   */
  async *run(): AsyncGenerator<Reading | undefined> {
    try {
      yield* this.#run();
    } finally {
      for (const { handle } of this.#newLogs) await handle.close();
    }
  }

  async *#run(): AsyncGenerator<Reading | undefined> {
    const unsettled = new Set<FoundFile>();
    for (const file of this.#snapshot.files) {
      if (!this.#isSettled(file)) unsettled.add(file);
      yield* this.#pause.rest();
    }
    // Until all is known of these logs, also if the scan is repeated: one file may have to be read before another.
    for (const { logPath } of unsettled) this.#streams.queue.block(logPath);
    for (const file of unsettled) {
      const known = this.#streams.of(file);
      if (known && isBlank(known) && !this.#context.isFirst) yield this.#streams.forget(known);
      else if (await this.#recognise(file)) unsettled.delete(file);
      yield* this.#pause.rest();
    }
    for (const file of this.#unidentified(unsettled)) {
      if (this.#snapshot.mustRepeat) return;
      yield* this.#identify(file);
      if (this.#newLogs.length >= this.#context.openFiles.examined) yield* this.#addNewLogs();
      yield* this.#pause.rest();
    }
    yield* this.#addNewLogs();
  }

  /** Whether the file needs no examination: it is being read, or has not changed. */
  #isSettled(file: FoundFile): boolean {
    const known = this.#streams.of(file);
    if (known && hasCertainly(known, file)) {
      known.update(file);
      if (!known.reader.atEnd) this.#streams.wake(known);
      return true;
    }
    return (known?.version ?? this.#context.postponed.get(fileKey(file))) === fileVersion(file);
  }

  /** Whether the stream with its inode has the file, or it cannot be read now. */
  async #recognise(file: FoundFile): Promise<boolean> {
    const known = this.#streams.of(file);
    if (!known) return false;
    const hadEnded = known.state === "ended";
    const wasMissing = known.isMissing;
    const isStill = await this.#snapshot.open(
      file,
      async (handle) => (await isStillIn(known, file, handle)) && known.resume(file, handle),
    );
    if (isStill && hadEnded && known.handle) this.#context.report.grown(known);
    if (isStill && !hadEnded && wasMissing) this.#context.report.back(known);
    // A copy of it may have been made after the snapshot.
    if (isStill === false) this.#displace(known);
    else await this.#opened(known);
    return isStill !== false;
  }

  /** Copies are examined again after a truncation: one may have the content of the truncated file. */
  #unidentified(unsettled: ReadonlySet<FoundFile>): readonly FoundFile[] {
    if (this.#streams.displaced.size === 0) return [...unsettled];
    const isCopy = (file: FoundFile) =>
      this.#context.postponed.has(fileKey(file)) || this.#streams.of(file)?.state === "copy";
    return this.#snapshot.files.filter((file) => unsettled.has(file) || isCopy(file));
  }

  /** For a file whose inode no stream has: it was moved or compressed, it is a copy, or it is new. */
  async *#identify(file: FoundFile): AsyncGenerator<Reading> {
    // An empty file has nothing to identify it by yet.
    if (file.rotated && file.size === 0) return;
    if (this.#canWait(file)) return this.#createParked(file);
    const readings = await this.#snapshot.open(file, async (handle) => {
      const copy = this.#streams.of(file);
      const match = await this.#match(file, handle, copy);
      if (match.kind !== "none" || copy) return this.#matched(file, handle, match, copy);
      const { isFirst } = this.#context;
      if (await this.#mayBeCopyOfNewLog(file, handle)) return isFirst ? this.#create(file, handle, "copy") : [];
      if (isFirst || file.rotated) return this.#create(file, handle, this.#isIgnored(file) ? "ignored" : "open");
      this.#snapshot.keepOpen(handle);
      this.#newLogs.push({ file, handle });
      return [];
    });
    await this.#opened(this.#streams.of(file));
    yield* readings ?? [];
  }

  /** Whether the file need not be opened before it is read: it is new for certain, and no more files can be kept open. */
  #canWait(file: FoundFile): boolean {
    const { isFirst, readFrom, openFiles } = this.#context;
    const isNew = isFirst && this.#streams.displaced.size === 0 && this.#missing.size === 0;
    return isNew && readFrom === "beginning" && !file.rotated && openFiles.isFull && !this.#streams.of(file);
  }

  #createParked(file: FoundFile): void {
    const stream = Stream.of(file, this.#streams.latestTimestamp(file.logPath));
    stream.reader.parked = true;
    this.#streams.add(stream);
    this.#streams.wake(stream);
  }

  #match(file: FoundFile, handle: FileHandle, copy: Stream | undefined): Promise<Match> {
    const { displaced } = this.#streams;
    const free = new Set([...displaced, ...(copy ? [] : this.#missing)]);
    const hasTaken = !copy && !this.#context.isFirst;
    const taken = () => (hasTaken ? this.#streams.all.filter((stream) => !free.has(stream)) : []);
    return matchFile(file, handle, { free, taken });
  }

  async #matched(
    file: FoundFile,
    handle: FileHandle,
    { kind, stream }: Match,
    copy: Stream | undefined,
  ): Promise<readonly Reading[]> {
    if (kind === "own") return [...(copy ? [copy.forget()] : []), ...(await this.#move(stream, file, handle))];
    if (copy || !stream) return [];
    if (kind === "later") return this.#postpone(stream, file, handle);
    // The copy must not be known after a restart without the original, of which nothing may have been committed.
    const original = stream.position === 0 && stream.state === "open" ? [stream.reading()] : [];
    return [...original, ...(await createStream(this.#context, file, handle, "copy", stream))];
  }

  /** Creates the streams of new logs, if no file was rotated from them since: it would have to be read first. */
  async *#addNewLogs(): AsyncGenerator<Reading> {
    if (this.#newLogs.length === 0) return;
    await this.#snapshot.checkForRotations(new Set(this.#newLogs.map(({ file }) => file.logPath)));
    if (this.#snapshot.mustRepeat) return;
    for (let next = this.#newLogs.shift(); next; next = this.#newLogs.shift()) {
      const { file, handle } = next;
      const readings = await this.#snapshot.use(file, handle, () => this.#create(file, handle, "open"));
      await this.#opened(this.#streams.of(file));
      yield* readings ?? [];
    }
  }

  /** The stream's file may be open now. */
  async #opened(stream: Stream | undefined): Promise<void> {
    if (!stream?.handle) return;
    this.#streams.wake(stream);
    this.#context.openFiles.touch(stream);
    await this.#context.openFiles.trim();
  }

  /** Whether it may be a copy of a log that is also new. That log is read first, and the next scan can then tell. */
  async #mayBeCopyOfNewLog(file: FoundFile, handle: FileHandle): Promise<boolean> {
    const log = this.#snapshot.logs.get(file.logPath);
    if (!log || !file.rotated || this.#streams.of(log)) return false;
    return (await this.#snapshot.open(log, (other) => mayBeCopy(handle, other))) ?? false;
  }

  /** Files from before the first start that are not read. */
  #isIgnored({ rotated, included, compressed }: FoundFile): boolean {
    const { isFirst, readFrom } = this.#context;
    return isFirst && ((rotated && !included) || (compressed && readFrom === "end"));
  }

  /** The stream continues in `file`. */
  async #move(stream: Stream, file: FoundFile, handle: FileHandle): Promise<readonly Reading[]> {
    this.#missing.delete(stream);
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
    stream.awaitsGzip = !hasFile;
    if (hasFile || !stream.isGone(clock)) return [];
    // It ends before the position already read to, and this will not change: there is nothing more to read.
    report.brokenGzip(file.path, stream.position);
    stream.giveUp(file);
    return this.#move(stream, file, handle);
  }

  #create(file: FoundFile, handle: FileHandle, state: NewState): Promise<readonly Reading[]> {
    return createStream(this.#context, file, handle, state);
  }

  #displace(stream: Stream): void {
    this.#snapshot.outdated = true;
    this.#streams.displace(stream);
  }
}
