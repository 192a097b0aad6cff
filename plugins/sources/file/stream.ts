import { randomUUID } from "node:crypto";
import type { FileHandle } from "node:fs/promises";
import type { Checkpoint, Json, Reading } from "weir";
import { type Found, lookOf } from "./find.ts";
import { hasPrint, headLength, type Print, printOf, readRange, tailLength } from "./print.ts";

/** What a checkpoint keeps, to find the file again after a restart under whatever name. */
interface Detail {
  /** The included path under which the file was first seen; its own path before any rotation. */
  readonly path: string;
  readonly device: string;
  readonly inode: string;
  readonly head: Print;
  readonly tail: Print;
  /** `ended`: read to its end after it was rotated; `ignored`: there before the first start, never read. */
  readonly state?: "ended" | "ignored";
}

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
  state: "open" | "ended" | "ignored" = "open";
  /** Its path belongs to another file now, or to none: once it is quiet, it is at its end. */
  leaving: "no" | "rotated" | "deleted" = "no";
  /** The last read came to the end of the file. */
  drained = false;
  /** First and latest time that a read brought nothing, with nothing brought in between. */
  quiet: { readonly since: number; readonly until: number } | undefined;
  /** Path, size and time when it was last looked at while closed. */
  look = "";
  missingSince: number | undefined;
  modified = 0n;
  #head: Uint8Array = nothing;
  #headPrint = printOf(nothing, 0);
  #tail: Uint8Array = nothing;
  #tailPrint: Print | undefined;

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
    stream.#headPrint = head;
    stream.#tailPrint = tail;
    return stream;
  }

  get key(): string {
    return `${this.device}:${this.inode}`;
  }

  /** Whether the open file holds what this stream has read so far. */
  async matches(handle: FileHandle): Promise<boolean> {
    const { size } = await handle.stat();
    if (size < this.position) return false;
    return (await hasPrint(handle, this.#headPrint)) && (await hasPrint(handle, this.#printOfTail()));
  }

  /** Enough was read that a file elsewhere with the same bytes is this one, moved or copied. */
  get recognisable(): boolean {
    return this.#printOfTail().length === tailLength;
  }

  /** Reads on from `position` in the file, which is known to be this stream's. */
  async open(handle: FileHandle, position = this.position): Promise<void> {
    this.position = position;
    this.#head = await readRange(handle, 0, Math.min(headLength, Math.max(position, this.#headPrint.end)));
    this.#headPrint = printOf(this.#head, this.#head.length);
    this.#tail = await readRange(handle, Math.max(0, position - tailLength), position);
    this.#tailPrint = undefined;
    this.handle = handle;
    this.drained = false;
    this.quiet = undefined;
  }

  async close(): Promise<void> {
    const { handle } = this;
    this.handle = undefined;
    await handle?.close();
  }

  place(file: Found): void {
    this.path = file.path;
    this.device = file.device;
    this.inode = file.inode;
    this.modified = file.modified;
    // A change that the system did not announce.
    if (lookOf(file) !== this.look || file.size !== this.position) this.drained = false;
    this.look = lookOf(file);
    this.missingSince = undefined;
  }

  /** Goes on in the file, which `matches`; it stays closed when there is nothing more in it to read. */
  async resume(file: Found, handle: FileHandle): Promise<void> {
    this.place(file);
    if (this.state === "ignored" || (this.state === "ended" && file.size === this.position)) return;
    this.state = "open";
    await this.open(handle);
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
   * The next bytes, in `block`, none at the end of the file; `"truncated"` when the bytes before them are no longer
   * those that were read. Each read begins with the last few bytes of the one before: that costs no further call.
   */
  async read(block: Buffer, now: number): Promise<Uint8Array | "truncated"> {
    const known = this.#tail.length;
    const { bytesRead } = await this.handle!.read(block, 0, block.length, this.position - known);
    if (bytesRead < known || !block.subarray(0, known).equals(this.#tail)) return "truncated";
    this.drained = bytesRead < block.length;
    const bytes = block.subarray(known, bytesRead);
    if (bytes.length === 0) this.quiet = { since: this.quiet?.since ?? now, until: now };
    else this.#take(bytes);
    return bytes;
  }

  /** Nothing or a whole line was read last. */
  get terminated(): boolean {
    return this.#tail.length === 0 || this.#tail.at(-1) === 10;
  }

  reading(bytes: Uint8Array = nothing, more: Partial<Reading> = {}): Reading {
    return { stream: this.id, position: this.position - bytes.length, bytes, detail: this.#detail(), ...more };
  }

  #take(bytes: Uint8Array): void {
    this.quiet = undefined;
    const missing = headLength - this.#head.length;
    if (missing > 0) {
      const fresh = bytes.subarray(this.#head.length - this.position);
      this.#head = Buffer.concat([this.#head, fresh.subarray(0, missing)]);
      this.#headPrint = printOf(this.#head, this.#head.length);
    }
    this.#tail = Buffer.concat([this.#tail, bytes.subarray(-tailLength)]).subarray(-tailLength);
    this.#tailPrint = undefined;
    this.position += bytes.length;
  }

  #printOfTail(): Print {
    this.#tailPrint ??= printOf(this.#tail, this.position);
    return this.#tailPrint;
  }

  #detail(): Json {
    const { family: path, device, inode, state } = this;
    const detail: Detail = { path, device, inode, head: this.#headPrint, tail: this.#printOfTail() };
    return (state === "open" ? detail : { ...detail, state }) as unknown as Json;
  }
}

/** Files that lost their path before the one that has it; then the older first. */
export const byAge = (a: Stream, b: Stream): number => {
  const left = Number(b.path !== b.family || b.leaving !== "no") - Number(a.path !== a.family || a.leaving !== "no");
  if (left !== 0) return left;
  return a.modified === b.modified ? (a.path < b.path ? -1 : 1) : a.modified < b.modified ? -1 : 1;
};
