import { randomUUID } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Checkpoint, Clock, Json, Reading } from "weir";
import { agree, compareContent, gzipClaimsLength } from "../content/compare.ts";
import { type FoundFile, fileKey, fileVersion } from "../discovery/find-files.ts";
import { isGzip } from "../discovery/rotated-name.ts";
import { Absence } from "./absence.ts";
import { StreamReader } from "./reader.ts";
import { asDetail, type StreamDetail, type StreamState } from "./stream-detail.ts";

const nothing = new Uint8Array(0);

/** The content of one file from its first byte to its last, whatever the file's name becomes. */
export class Stream {
  readonly id: string;
  /** The included path under which the file was first found. Files with the same `logPath` are read oldest first. */
  readonly logPath: string;
  path: string;
  /** The link by which the file was first found. */
  link: string | undefined;
  device: string;
  inode: string;
  state: StreamState = "open";
  /** Of a copy: the id of the stream that is read from the original. */
  original: string | undefined;
  readonly reader = new StreamReader();
  /** Whether the file still has its path. A rotated or deleted file has ended once nothing more is written to it. */
  placement: "current" | "rotated" | "deleted" = "current";
  /** `fileVersion` of the file when it was last found. */
  version = "";
  /** Set while the file is missing. */
  #absence: Absence | undefined;
  /** The file is missing, but a compressed file that is not complete yet may have its content. */
  awaitsGzip = false;
  /** Orders the files of one log; see `FoundFile`. */
  timestamp = 0n;
  /** The largest size that the uncompressed file was seen to have. */
  largestSize = 0;
  #size = 0;
  /** The size of the gzip file when it was read to its end: beyond that, something was appended. */
  #readSize: number | undefined;
  /** The file has other content now: it was truncated, or the inode was reused. */
  displaced = false;
  /** The file was truncated while it was read. */
  truncated = false;

  constructor(logPath: string, place: { path: string; device: string; inode: string }, id: string = randomUUID()) {
    this.id = id;
    this.logPath = logPath;
    this.path = place.path;
    this.device = place.device;
    this.inode = place.inode;
  }

  /** A new stream. `latest` is the latest timestamp among the known files of the log. */
  static of(file: FoundFile, latest: bigint): Stream {
    const stream = new Stream(file.logPath, file);
    stream.update(file);
    // A new log is younger than its rotated files, even if the clock of the file system is behind their names.
    if (!file.rotated && stream.timestamp <= latest) stream.timestamp = latest + 1n;
    return stream;
  }

  static fromCheckpoint(id: string, { position, detail }: Checkpoint): Stream {
    const { path, device, inode, head, tail, state, original, readSize, missingSince, link } =
      detail as unknown as StreamDetail;
    const stream = new Stream(path, { path, device, inode }, id);
    stream.state = state ?? "open";
    stream.original = original;
    stream.#readSize = readSize;
    stream.link = link;
    if (missingSince !== undefined) stream.#absence = Absence.restore(missingSince);
    stream.reader.restore(position, { head, tail });
    return stream;
  }

  get key(): string {
    return fileKey(this);
  }

  get compressed(): boolean {
    return isGzip(this.path);
  }

  get position(): number {
    return this.reader.position;
  }

  get handle(): FileHandle | undefined {
    return this.reader.handle;
  }

  /** The size of the file when it was last found. */
  get size(): number {
    return this.#size;
  }

  /** How much of the file was read; of a compressed file, compressed bytes. */
  get bytesRead(): number {
    return this.compressed ? this.reader.gzipInput : this.position;
  }

  /** Records where and how the stream's file was found. */
  update(file: FoundFile): void {
    this.path = file.path;
    this.link ??= file.link;
    this.device = file.device;
    this.inode = file.inode;
    this.#size = file.size;
    // Writing to a log must not make it older, even if the clock of the file system is set back.
    this.timestamp = file.rotated || file.timestamp > this.timestamp ? file.timestamp : this.timestamp;
    if (!file.compressed) this.largestSize = Math.max(this.largestSize, file.size);
    // The file changed without a notification.
    if (fileVersion(file) !== this.version || (!file.compressed && file.size !== this.position))
      this.reader.atEnd = false;
    this.version = fileVersion(file);
    this.#absence = undefined;
    this.awaitsGzip = false;
  }

  /**
   * Continues in the file, which is known to have this stream's content. The file is not kept open if it has nothing
   * more to read. Returns false if it was truncated in the meantime.
   */
  async resume(file: FoundFile, handle: FileHandle): Promise<boolean> {
    this.update(file);
    if (this.state === "ignored" || this.state === "copy") return true;
    const hasEnded = this.state === "ended";
    if (hasEnded && (await this.#isComplete(file, handle))) return true;
    const { fingerprints } = this.reader;
    this.state = "open";
    await this.reader.open(handle, this);
    if (file.compressed && !hasEnded) return true;
    const now = this.reader.fingerprints;
    if (file.compressed ? agree(fingerprints, now) : (await compareContent(handle, fingerprints)) === "same")
      return true;
    this.reader.restore(this.position, fingerprints);
    this.reader.release();
    return false;
  }

  /** Whether nothing was added to the file of an ended stream. */
  async #isComplete({ compressed, size }: FoundFile, handle: FileHandle): Promise<boolean> {
    if (!compressed) return size === this.position;
    if (this.#readSize !== undefined) return size === this.#readSize;
    // It was read before it was compressed.
    if (!(await gzipClaimsLength(handle, this.position))) return false;
    this.#readSize = size;
    return true;
  }

  /** Continues in the file of the copy as soon as that is found. */
  takePlaceOf({ path, device, inode, timestamp, largestSize }: Stream): void {
    this.path = path;
    this.device = device;
    this.inode = inode;
    this.timestamp = timestamp;
    this.largestSize = largestSize;
    this.version = "";
    this.#absence = undefined;
  }

  /** The stream was read to its end. */
  end(): void {
    this.state = "ended";
    this.#readSize = this.compressed ? Math.max(this.reader.gzipInput, this.#size) : undefined;
  }

  /** There is nothing more to read in this compressed file, as it is now. */
  giveUp({ size }: FoundFile): void {
    this.state = "ended";
    this.#readSize = size;
  }

  /**
   * `current` is the key of the file that now has the log's path. If the stream's own file `isMissing` from where it was,
   * it may have been deleted.
   */
  async updatePlacement(current: string | undefined, isMissing: boolean): Promise<void> {
    const deleted = isMissing && (await this.handle!.stat()).nlink === 0;
    const placement = deleted ? "deleted" : current !== undefined && current !== this.key ? "rotated" : "current";
    if (placement === this.placement) return;
    this.placement = placement;
    // Data written up to the rename must be read after the rename was noticed.
    this.reader.atEnd = false;
    this.reader.idle = undefined;
  }

  get isMissing(): boolean {
    return this.#absence !== undefined;
  }

  /** The file was not found. Returns true for the first time, also over restarts. */
  miss(clock: Clock): boolean {
    const isFirst = this.#absence === undefined;
    this.#absence = this.#absence?.goOn(clock) ?? Absence.begin(clock);
    return isFirst;
  }

  /** Whether the file has been missing for so long that the stream can be dropped. */
  isGone(clock: Clock): boolean {
    return this.#absence?.isOver(clock) ?? false;
  }

  reading(bytes: Uint8Array = nothing, more: Partial<Reading> = {}): Reading {
    const { encoding } = this.reader;
    const position = this.position - bytes.length;
    const { id: stream, logPath: path, link } = this;
    return { stream, position, bytes, detail: this.#detail(), path, link, ...(encoding && { encoding }), ...more };
  }

  /** The reading that drops the stream's checkpoint. */
  forget(): Reading {
    return this.reading(undefined, { end: true, forget: true });
  }

  #detail(): Json {
    const { logPath: path, device, inode, state, original, link } = this;
    const readSize = state === "ended" ? this.#readSize : undefined;
    const missingSince = this.#absence?.since;
    return asDetail({
      path,
      device,
      inode,
      ...this.reader.fingerprints,
      state,
      original,
      readSize,
      missingSince,
      link,
    });
  }
}
