import type { FileHandle } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import type { Checkpoint, Clock, Reading } from "weir";
import { type FoundFile, fileKey, findCompressed, findPaths } from "../discovery/find-files.ts";
import type { Links } from "../discovery/links.ts";
import { Snapshot } from "../discovery/snapshot.ts";
import type { SourceLog } from "../report.ts";
import { type ScanStep, Waiting } from "../schedule.ts";
import { FirstLook } from "./first-look.ts";
import { OpenFiles, unpark } from "./open-files.ts";
import { Pause } from "./pause.ts";
import { Scan } from "./scan.ts";
import { Stream } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";

export interface CatalogueOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly rotated: readonly string[] | undefined;
  readonly follow: boolean;
  readonly order: "time" | "name";
  readonly maxOpenFiles: number | undefined;
  /** How many descriptors the process may have. */
  readonly descriptors: number;
  readonly links: Links;
  readonly readFrom: "beginning" | "end";
  /** Globs of files that are read as baselines. */
  readonly baselines: readonly string[];
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly clock: Clock;
  readonly report: SourceLog;
  /** Whether the file at a path must not be read yet. */
  readonly holds: ((path: string) => boolean) | undefined;
}

/** After this many snapshots, files that keep being renamed are read anyway, in whatever order they were found. */
const maxSnapshots = 50;

/** A look that is over after this time, in milliseconds, is waited for; during a longer one, streams are read. */
const shortLook = 100;

/** Keeps the streams in step with the files on disk, and says which to read next. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #streams: StreamTable;
  readonly #postponed = new Map<string, string>();
  readonly #openFiles: OpenFiles;
  /** The snapshot that is being compared with the streams. */
  #snapshot: Snapshot | undefined;
  #byPath: Map<string, Stream> | undefined;
  readonly #firstLook: FirstLook;
  readonly #ignored = new Set<string>();
  /** The first scan of this run is not over. */
  #isStarting = true;
  #hasLost = false;

  constructor(options: CatalogueOptions) {
    this.#options = options;
    this.#streams = new StreamTable(options.holds);
    this.#openFiles = new OpenFiles(options.descriptors, options.maxOpenFiles);
    const { look, files } = FirstLook.restore(options.checkpoints);
    this.#firstLook = look;
    for (const [id, checkpoint] of files) this.#streams.add(Stream.fromCheckpoint(id, checkpoint));
  }

  /** The streams whose files are read, or will be when they grow. */
  get active(): Stream[] {
    return this.#streams.active;
  }

  get paths(): string[] {
    return this.#streams.all.map(({ path }) => path);
  }

  /** A file was truncated, or is not where it was: the disk must be scanned before anything more is read of it. */
  get isStale(): boolean {
    return this.#streams.displaced.size > 0 || this.#hasLost;
  }

  /** The streams to read now, at most `limit`. */
  next(limit: number): Stream[] {
    return this.#streams.queue.next(limit);
  }

  /** There may be something to read in the stream's file. */
  wake(stream: Stream): void {
    this.#streams.wake(stream);
  }

  /** The file at this path was written to. */
  wakePath(path: string): void {
    this.#byPath ??= new Map(this.active.map((stream) => [stream.path, stream]));
    const stream = this.#byPath.get(path);
    if (stream) this.wake(stream);
  }

  /**
   * Compares the streams with the files on disk. Yields what the checkpoints must record, and pauses, in which streams
   * may be read. Returns how long it took to look for files, in milliseconds.
   */
  async *scan(): AsyncGenerator<ScanStep, number> {
    this.#hasLost = false;
    yield* this.#firstLook.begin();
    const started = performance.now();
    let duration = 0;
    for (let count = 1; count <= maxSnapshots; count++) {
      const snapshot = yield* this.#look(count === maxSnapshots);
      if (count === 1) duration = performance.now() - started;
      this.#snapshot = snapshot;
      const found = { streams: this.#streams, openFiles: this.#openFiles, postponed: this.#postponed };
      const context = { ...found, isFirst: this.#firstLook.isFirst, ignored: this.#ignored };
      yield* new Scan({ ...this.#options, ...context }, snapshot).run();
      if (snapshot.mustRepeat) continue;
      yield* this.#finish(snapshot);
      break;
    }
    return duration;
  }

  /** Takes a snapshot. Streams are read meanwhile; if one of them is truncated, the snapshot may lack its copy. */
  async *#look(isLast: boolean): AsyncGenerator<Waiting, Snapshot> {
    const isInUse = (file: FoundFile, handle: FileHandle) => this.#streams.isReadBy(file, handle);
    for (;;) {
      const { logPaths, displacements } = this.#streams;
      const taken = Snapshot.take({ ...this.#options, logPaths, isInUse, isLast });
      let isTaken = false;
      const settled = taken.then(
        () => (isTaken = true),
        () => (isTaken = true),
      );
      await Promise.race([settled, sleep(shortLook, undefined, { ref: false })]);
      while (!isTaken) yield new Waiting(settled);
      const snapshot = await taken;
      if (displacements === this.#streams.displacements) return snapshot;
    }
  }

  /** Handles the streams that no file was found for, or whose file lost its path. */
  async *#finish(snapshot: Snapshot): AsyncGenerator<Reading | undefined> {
    const { report, include, follow, order } = this.#options;
    this.#snapshot = undefined;
    yield* this.#dropDisplaced();
    const pause = new Pause();
    for (const stream of this.#streams.all) {
      // Another stream has taken its place.
      if (this.#streams.of(stream) !== stream) continue;
      const isMissing = !snapshot.keys.has(stream.key);
      const log = snapshot.logs.get(stream.logPath);
      if (stream.handle || (stream.reader.parked && !isMissing))
        await stream.updatePlacement(log && fileKey(log), isMissing);
      else if (isMissing) yield* this.#handleMissing(stream);
      if (isMissing || stream.placement !== "current") this.#streams.wake(stream);
      yield* pause.rest();
    }
    if (this.#firstLook.isFirst) await this.#reportLeftOut(snapshot);
    yield* this.#firstLook.finish();
    if (snapshot.files.length === 0) report.nothingFound(include, follow);
    yield;
    this.#byPath = undefined;
    this.#openFiles.dropClosed();
    this.#streams.queue.unblock();
    for (const stream of this.active) if (!stream.reader.atEnd) this.#streams.wake(stream);
    if (this.#isStarting) this.#streams.queue.setBacklog(this.active, !follow, order);
    this.#isStarting = false;
  }

  /** Reports the files from before the first start that are not read, and compressed ones that no glob matches. */
  async #reportLeftOut(snapshot: Snapshot): Promise<void> {
    const { report, follow, baselines, links } = this.#options;
    const found = new Set(snapshot.files.map(({ path }) => path));
    const unmatched = (await findCompressed(this.#options)).filter((path) => !found.has(path));
    const all = [...this.#ignored, ...unmatched].sort();
    const readAsBaseline = new Set(all.length > 0 ? await findPaths(baselines, links) : []);
    const leftOut = all.filter((path) => !readAsBaseline.has(path));
    this.#ignored.clear();
    if (leftOut.length > 0) report.leftOut(leftOut, follow);
  }

  /** Drops the streams whose files have other content now, and whose own content was not found elsewhere. */
  *#dropDisplaced(): Generator<Reading> {
    const { report } = this.#options;
    for (const stream of [...this.#streams.displaced]) {
      yield* this.#streams.drop(stream);
      // It continues in a copy.
      if (this.#streams.of(stream) === stream) continue;
      if (stream.truncated) report.truncated(stream);
      else if (stream.state === "open") report.replaced(stream);
    }
  }

  *#handleMissing(stream: Stream): Generator<Reading> {
    const { clock, report } = this.#options;
    // If the file was closed to save descriptors, what was not read of it is lost.
    stream.reader.release();
    stream.version = "";
    if (stream.miss(clock)) {
      if (stream.state === "open" && !stream.awaitsGzip) report.missing(stream);
      // Kept in the checkpoint: a restart must neither report it again nor start the time again.
      yield stream.reading(undefined, stream.state === "open" ? {} : { end: true });
    }
    if (!stream.isGone(clock)) return;
    if (stream.awaitsGzip) report.missing(stream);
    yield* this.#streams.drop(stream);
  }

  /** Opens the stream's file if it was closed to save descriptors. Returns false if it cannot be read now. */
  async ready(stream: Stream): Promise<boolean> {
    if (stream.reader.parked) {
      await this.#openFiles.trim(1);
      const result = await unpark(stream);
      if (result === "truncated") await this.displace(stream);
      if (result === "gone") this.#lose(stream);
      if (result !== "open") return false;
    }
    this.#openFiles.touch(stream);
    return true;
  }

  /** The file is no longer where it was: the next scan looks for it. */
  #lose(stream: Stream): void {
    stream.reader.release();
    stream.version = "";
    this.#streams.queue.block(stream.logPath);
    this.#hasLost = true;
  }

  /** The stream's file was truncated: its content is a new stream, and the unread rest may be in a copy. */
  async displace(stream: Stream): Promise<void> {
    stream.truncated = true;
    await stream.reader.close().catch(() => undefined);
    this.#streams.displace(stream);
    this.#streams.queue.block(stream.logPath);
    if (this.#snapshot) this.#snapshot.outdated = true;
  }

  /** The stream was read to its end, and a compressed file of it need no longer be kept waiting. */
  async end(stream: Stream): Promise<void> {
    stream.end();
    await stream.reader.close();
    this.#postponed.clear();
    // A deleted file may have been compressed first: its checkpoint is kept until that is known.
    if (stream.placement !== "deleted") stream.version = "";
  }

  /** Reading failed. The next scan opens the file again if it still exists. */
  async fail(stream: Stream, error: unknown): Promise<void> {
    this.#options.report.unreadable(stream.path, error);
    stream.version = "";
    await stream.reader.close().catch(() => undefined);
  }

  async close(): Promise<void> {
    this.#openFiles.close();
    await Promise.all(this.active.map((stream) => stream.reader.close()));
  }
}
