import type { FileHandle } from "node:fs/promises";
import type { Checkpoint, Clock, Reading } from "weir";
import { type FoundFile, fileKey } from "../discovery/find-files.ts";
import { Snapshot } from "../discovery/snapshot.ts";
import type { SourceLog } from "../report.ts";
import { Scan } from "./scan.ts";
import { Stream } from "./stream.ts";
import { StreamTable } from "./stream-table.ts";

export interface CatalogueOptions {
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly rotated: readonly string[] | undefined;
  readonly follow: boolean;
  readonly readFrom: "beginning" | "end";
  readonly checkpoints: ReadonlyMap<string, Checkpoint>;
  readonly clock: Clock;
  readonly report: SourceLog;
}

/** After this many snapshots, files that keep being renamed are read anyway, in whatever order they were found. */
const maxSnapshots = 50;

/** Keeps the streams in step with the files on disk, and says which to read next. */
export class Catalogue {
  readonly #options: CatalogueOptions;
  readonly #streams = new StreamTable();
  readonly #postponed = new Map<string, string>();
  #isFirst: boolean;

  constructor(options: CatalogueOptions) {
    this.#options = options;
    for (const [id, checkpoint] of options.checkpoints) this.#streams.add(Stream.fromCheckpoint(id, checkpoint));
    this.#isFirst = this.#streams.all.every(({ state }) => state === "ignored");
  }

  /** The streams whose files are open, in reading order. */
  get open(): Stream[] {
    return this.#streams.open;
  }

  get paths(): string[] {
    return this.#streams.all.map(({ path }) => path);
  }

  /** A file was truncated: the disk must be scanned before anything more is read. */
  get isStale(): boolean {
    return this.#streams.displaced.size > 0;
  }

  /** The streams to read now: of each log, the first one that has something to read. */
  next(): Stream[] {
    return this.#streams.next();
  }

  /** Compares the streams with the files on disk. Yields what the checkpoints must record. */
  async *scan(): AsyncGenerator<Reading> {
    const isInUse = (file: FoundFile, handle: FileHandle) => this.#streams.isReadBy(file, handle);
    for (let count = 1; count <= maxSnapshots; count++) {
      const { logPaths } = this.#streams;
      const snapshot = await Snapshot.take({ ...this.#options, logPaths, isInUse, isLast: count === maxSnapshots });
      const context = { streams: this.#streams, postponed: this.#postponed, isFirst: this.#isFirst };
      yield* new Scan({ ...this.#options, ...context }, snapshot).run();
      if (!snapshot.mustRepeat) return yield* this.#finish(snapshot);
    }
  }

  /** Handles the streams that no file was found for, or whose file lost its path. */
  async *#finish(snapshot: Snapshot): AsyncGenerator<Reading> {
    const { report, include, follow } = this.#options;
    yield* this.#dropDisplaced();
    const logs = snapshot.files.filter(({ rotated }) => !rotated).map((file) => [file.path, fileKey(file)] as const);
    const keys = new Map(logs);
    for (const stream of this.#streams.all) {
      const isMissing = !snapshot.keys.has(stream.key);
      if (isMissing || stream.placement !== "current") stream.reader.atEnd = false;
      if (stream.handle) await stream.updatePlacement(keys.get(stream.logPath));
      else if (isMissing) yield* this.#handleMissing(stream);
    }
    if (snapshot.files.length === 0) report.nothingFound(include, follow);
    this.#isFirst = false;
  }

  /** Drops the streams whose files have other content now, and whose own content was not found elsewhere. */
  *#dropDisplaced(): Generator<Reading> {
    const { report } = this.#options;
    for (const stream of [...this.#streams.displaced]) {
      this.#streams.remove(stream);
      if (stream.truncated) report.truncated(stream);
      else if (stream.state === "open") report.replaced(stream);
      yield stream.forget();
    }
  }

  *#handleMissing(stream: Stream): Generator<Reading> {
    const { clock, report } = this.#options;
    const now = clock.monotonic();
    stream.missingSince ??= now;
    if (!stream.isGone(now)) return;
    if (stream.state === "open") report.missing(stream);
    yield stream.forget();
    this.#streams.remove(stream);
  }

  /** The stream's file was truncated: its content is a new stream, and the unread rest may be in a copy. */
  async displace(stream: Stream): Promise<void> {
    stream.truncated = true;
    await stream.reader.close().catch(() => undefined);
    this.#streams.displace(stream);
  }

  /** The stream was read to its end, and a compressed file of it need no longer be kept waiting. */
  async end(stream: Stream): Promise<void> {
    await stream.reader.close();
    stream.state = "ended";
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
    await Promise.all(this.open.map((stream) => stream.reader.close()));
  }
}
