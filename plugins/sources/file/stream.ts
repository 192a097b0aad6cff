import { randomUUID } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Checkpoint, Json, Reading } from "weir";
import type { Detail, StreamState } from "./detail.ts";
import { type Found, lookOf } from "./find.ts";
import { claimedLength, type GzipEnd, GzipReader } from "./gzip-reader.ts";
import { beginsLike, claimsLength, compare, compareGzip, type Likeness } from "./likeness.ts";
import { hasPrint, headLength, printOf, readRange, tailLength } from "./print.ts";
import type { ReadAhead } from "./read-ahead.ts";
import { isGzip } from "./rotated-name.ts";
import { Trace } from "./trace.ts";

const nothing = new Uint8Array(0);

/** One file, from its first byte to its last, whatever its name becomes. */
export class Stream {
  readonly id: string;
  /** The included path that it was first seen under: files with one `family` are read oldest first. */
  readonly family: string;
  path: string;
  device: string;
  inode: string;
  /** Offset of the next byte to read. */
  position = 0;
  /** Open while there may be more to read. */
  handle: FileHandle | undefined;
  state: StreamState = "open";
  /** Its path belongs to another file now, or to none: once it is quiet, it is at its end. */
  leaving: "no" | "rotated" | "deleted" = "no";
  /** The last read came to the end of the file. */
  drained = false;
  /** First and latest time that a read brought nothing, with nothing brought in between. */
  quiet: { readonly since: number; readonly until: number } | undefined;
  /** Path, size and time when it was last looked at while closed. */
  look = "";
  missingSince: number | undefined;
  age = 0n;
  /** The longest that its plain file was seen to be. */
  seen = 0;
  /** Its file holds other bytes now; `cut` while it was read. */
  displaced = false;
  cut = false;
  /** How the compressed file that it is read from was found to end. */
  gzipEnd: GzipEnd | undefined;
  #gzip: GzipReader | undefined;
  readonly #trace = new Trace();

  constructor(family: string, place: { path: string; device: string; inode: string }, id: string = randomUUID()) {
    this.id = id;
    this.family = family;
    this.path = place.path;
    this.device = place.device;
    this.inode = place.inode;
  }

  static fromCheckpoint(id: string, { position, detail }: Checkpoint): Stream {
    const { path, device, inode, head, tail, state } = detail as unknown as Detail;
    const stream = new Stream(path, { path, device, inode }, id);
    stream.position = position;
    stream.state = state ?? "open";
    stream.#trace.know({ head, tail });
    return stream;
  }

  get key(): string {
    return `${this.device}:${this.inode}`;
  }

  /** How the open file compares with what was read of this stream. */
  async compare({ compressed }: Found, handle: FileHandle): Promise<Likeness> {
    const { prints } = this.#trace;
    if (!compressed) return compare(handle, prints);
    // Archives are many and large: one that was read to its end is not decompressed to know it again.
    if (this.state !== "open" && (await claimsLength(handle, this.position)))
      return (await beginsLike(handle, prints.head)) ? "same" : "other";
    return compareGzip(handle, prints);
  }

  /** Whether the file that has this stream's inode is still its file. */
  async isStill(file: Found, handle: FileHandle): Promise<boolean> {
    if (this.state === "copy" || (file.compressed && this.state !== "open")) return this.#hasHead(file, handle);
    return (await this.compare(file, handle)) === "same";
  }

  /** Whether a file begins as this one does, as far as that is known, and enough of it is. */
  async beginsAs(file: Found, handle: FileHandle): Promise<boolean> {
    return this.#trace.prints.head.length >= tailLength && this.#hasHead(file, handle);
  }

  #hasHead({ compressed }: Found, handle: FileHandle): Promise<boolean> {
    return (compressed ? beginsLike : hasPrint)(handle, this.#trace.prints.head);
  }

  /** Enough was read that a file elsewhere with the same bytes is this one, moved or copied. */
  get recognisable(): boolean {
    return this.#trace.prints.tail.length === tailLength;
  }

  /** Reads on from `position` in the file, which is known to be this stream's. */
  async open(handle: FileHandle, position = this.position): Promise<void> {
    this.position = position;
    this.#gzip = undefined;
    this.gzipEnd = undefined;
    const { head, tail } = this.compressed ? await this.#openGzip(handle) : await this.#readEnds(handle);
    this.#trace.begin(head, tail, position);
    this.handle = handle;
    this.drained = false;
    this.quiet = undefined;
  }

  #openGzip(handle: FileHandle) {
    this.#gzip = new GzipReader(handle);
    return this.#gzip.skipTo(this.position);
  }

  async #readEnds(handle: FileHandle) {
    const headEnd = Math.min(headLength, Math.max(this.position, this.#trace.prints.head.end));
    return {
      head: await readRange(handle, 0, headEnd),
      tail: await readRange(handle, Math.max(0, this.position - tailLength), this.position),
    };
  }

  /** Takes a compressed file for this stream's without reading it: its first bytes, and the length that it claims. */
  async identify(handle: FileHandle): Promise<void> {
    const { head } = await new GzipReader(handle).skipTo(headLength);
    this.position = await claimedLength(handle);
    this.#trace.know({ head: printOf(head, head.length), tail: printOf(nothing, this.position) });
  }

  get compressed(): boolean {
    return isGzip(this.path);
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    this.#gzip = undefined;
    await handle?.close();
  }

  place(file: Found): void {
    this.path = file.path;
    this.device = file.device;
    this.inode = file.inode;
    // What is written to a log does not make it older, whatever the clock of the file system says.
    this.age = file.rotated || file.age > this.age ? file.age : this.age;
    if (!file.compressed) this.seen = Math.max(this.seen, file.size);
    // A change that the system did not announce.
    if (lookOf(file) !== this.look || (!file.compressed && file.size !== this.position)) this.drained = false;
    this.look = lookOf(file);
    this.missingSince = undefined;
  }

  /**
   * Goes on in the file, which is its own; it stays closed when there is nothing more in it to read. False when the
   * file was cut meanwhile.
   */
  async resume(file: Found, handle: FileHandle): Promise<boolean> {
    this.place(file);
    if (this.state === "ignored" || this.state === "copy") return true;
    if (this.state === "ended" && (file.compressed || file.size === this.position)) return true;
    const { prints } = this.#trace;
    this.state = "open";
    await this.open(handle);
    if (file.compressed || (await compare(handle, prints)) === "same") return true;
    this.#trace.know(prints);
    this.handle = undefined;
    return false;
  }

  /** `current`: the file that has the family's path now, as `keyOf` says it. */
  async watchLeaving(current: string | undefined): Promise<void> {
    const deleted = (await this.handle!.stat()).nlink === 0;
    const leaving = deleted ? "deleted" : current !== undefined && current !== this.key ? "rotated" : "no";
    if (leaving === this.leaving) return;
    this.leaving = leaving;
    // What was written up to the rename must be read after it was seen.
    this.drained = false;
    this.quiet = undefined;
  }

  /**
   * The next bytes, none at the end of the file; `"truncated"` when the bytes before them are no longer those that were
   * read. Each read begins with the last few bytes of the one before: that costs no further call.
   */
  async read(blocks: ReadAhead, now: number): Promise<Uint8Array | "truncated"> {
    if (this.#gzip) return this.#readGzip(this.#gzip, now);
    const known = this.#trace.tail.length;
    const block = await blocks.read(this.handle!, this.position - known);
    if (block.length < known || !block.subarray(0, known).equals(this.#trace.tail)) return "truncated";
    const bytes = block.subarray(known);
    if (!this.#trace.agrees(bytes)) return "truncated";
    this.drained = block.length < blocks.size;
    if (bytes.length === 0) this.quiet = { since: this.quiet?.since ?? now, until: now };
    else this.#take(bytes);
    return bytes;
  }

  async #readGzip(gzip: GzipReader, now: number): Promise<Uint8Array> {
    if (this.gzipEnd === "cut") {
      // More of it may have been written since.
      const { quiet } = this;
      await this.open(this.handle!);
      this.quiet = quiet;
      return this.#readGzip(this.#gzip!, now);
    }
    const next = await gzip.next();
    if (typeof next !== "string") {
      this.#take(next);
      return next;
    }
    this.drained = true;
    this.gzipEnd = next;
    this.quiet = { since: this.quiet?.since ?? now, until: now };
    return nothing;
  }

  /** Nothing or a whole line was read last. */
  get terminated(): boolean {
    return this.#trace.terminated;
  }

  reading(bytes: Uint8Array = nothing, more: Partial<Reading> = {}): Reading {
    return { stream: this.id, position: this.position - bytes.length, bytes, detail: this.#detail(), ...more };
  }

  #take(bytes: Uint8Array): void {
    this.quiet = undefined;
    this.#trace.add(bytes);
    this.position += bytes.length;
  }

  #detail(): Json {
    const { family: path, device, inode, state } = this;
    const detail: Detail = { path, device, inode, ...this.#trace.prints };
    return (state === "open" ? detail : { ...detail, state }) as unknown as Json;
  }
}
