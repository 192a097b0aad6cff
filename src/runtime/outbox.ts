import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Json } from "../json.ts";
import type { Place } from "../storage/database.ts";
import { decodeFrame, type Frame } from "../storage/frame.ts";
import { bytesBetween, isBefore, segmentName } from "../storage/segments.ts";
import type { Ledger } from "../telemetry/ledger.ts";
import type { Flight } from "./flight.ts";
import { Waiters } from "./waiters.ts";

export interface OutboxOptions {
  readonly name: string;
  readonly directory: string;
  /** Quota in bytes; a single batch's frames pass when nothing else is stored. */
  readonly maxSize: number;
  readonly end: Place | undefined;
  readonly delivered: { readonly place: Place; readonly record: Json | undefined } | undefined;
  readonly ledger: Ledger;
  /** Called when frames wait for room, and when they have got it. */
  readonly onFull: (full: boolean) => void;
}

/** Frames as they are read back, and the place after the last of them. */
export interface Chunk {
  readonly frames: readonly Frame[];
  readonly end: Place;
  readonly bytes: number;
}

const start: Place = { segment: 1, offset: 0 };
const readAhead = 256 * 1024;

/**
 * What waits for a sink, on disk: frames are put with a batch, are there for good with the batch's commit, and can then
 * be read and delivered. When its quota is reached, batches wait (`block`).
 */
export class Outbox {
  readonly name: string;
  readonly #options: OutboxOptions;
  readonly #waiting: {
    readonly flight: Flight;
    readonly frames: readonly Buffer[];
    readonly size: number;
    readonly done: () => void;
  }[] = [];
  #end: Place;
  #delivered: Place;
  #record: Json | undefined;
  /** Bytes that are put or committed, and not delivered. */
  #stored: number;
  #isDirty = false;
  readonly #filled = new Waiters();
  #file: { readonly segment: number; readonly handle: FileHandle } | undefined;
  #block = Buffer.allocUnsafe(0);

  constructor(options: OutboxOptions) {
    this.name = options.name;
    this.#options = options;
    this.#delivered = options.delivered?.place ?? start;
    this.#record = options.delivered?.record;
    this.#end = options.end ?? this.#delivered;
    this.#stored = isBefore(this.#delivered, this.#end)
      ? bytesBetween(options.directory, this.#delivered, this.#end)
      : 0;
  }

  get storedBytes(): number {
    return this.#stored;
  }

  get record(): Json | undefined {
    return this.#record;
  }

  /** Nothing is committed that is not delivered. */
  get isEmpty(): boolean {
    return !isBefore(this.#delivered, this.#end);
  }

  /** Hands a batch's frames over; `done` is called when they are in, at once or when there is room. */
  put(flight: Flight, frames: readonly Buffer[], done: () => void): void {
    const size = frames.reduce((total, frame) => total + frame.length, 0);
    if (this.#waiting.length > 0 || !this.#hasRoom(size)) {
      if (this.#waiting.push({ flight, frames, size, done }) === 1) this.#options.onFull(true);
    } else {
      this.#take(flight, frames, size);
      done();
    }
  }

  #hasRoom(size: number): boolean {
    return this.#stored === 0 || this.#stored + size <= this.#options.maxSize;
  }

  #take(flight: Flight, frames: readonly Buffer[], size: number): void {
    this.#stored += size;
    flight.bytes += size;
    const held = flight.frames.get(this);
    if (held) {
      held.parts.push(...frames);
      held.events += frames.length;
    } else flight.frames.set(this, { parts: [...frames], events: frames.length });
  }

  /** The frames of a commit are on the disk, up to `end`. */
  committed(end: Place): void {
    this.#end = end;
    this.#filled.wake();
  }

  /** Resolves when something can be delivered, or `signal` aborts. */
  async filled(signal: AbortSignal): Promise<void> {
    while (this.isEmpty && !signal.aborted) await this.#filled.wait(signal);
  }

  /** The next committed frames after those delivered: one at least, up to `maxEvents`; `undefined` when there is none. */
  async read(maxEvents: number): Promise<Chunk | undefined> {
    let { segment, offset } = this.#delivered;
    while (isBefore({ segment, offset }, this.#end)) {
      const handle = await this.#open(segment);
      const limit = segment === this.#end.segment ? this.#end.offset : (await handle.stat()).size;
      if (offset < limit) return this.#frames(handle, segment, offset, limit, maxEvents);
      segment++;
      offset = 0;
    }
    return undefined;
  }

  async #frames(handle: FileHandle, segment: number, offset: number, limit: number, maxEvents: number): Promise<Chunk> {
    let length = Math.min(limit - offset, readAhead);
    for (;;) {
      if (this.#block.length < length) this.#block = Buffer.allocUnsafe(length);
      const { bytesRead } = await handle.read(this.#block, 0, length, offset);
      const buffer = this.#block.subarray(0, bytesRead);
      const frames: Frame[] = [];
      let bytes = 0;
      while (frames.length < maxEvents && bytes < buffer.length) {
        const frame = decodeFrame(buffer, bytes);
        if ("wanted" in frame) {
          if (frames.length > 0) break;
          if (frame.wanted > limit - offset)
            throw new Error(`a frame at byte ${offset} reaches beyond the end of its segment`);
          length = frame.wanted;
          break;
        }
        frames.push(frame);
        bytes += frame.size;
      }
      if (frames.length > 0) return { frames, end: { segment, offset: offset + bytes }, bytes };
      if (bytesRead < length && bytesRead < limit - offset && bytesRead === 0)
        throw new Error(`segment ${segment} is shorter than its commit says`);
    }
  }

  async #open(segment: number): Promise<FileHandle> {
    if (this.#file?.segment === segment) return this.#file.handle;
    await this.#file?.handle.close();
    this.#file = undefined;
    const handle = await open(join(this.#options.directory, segmentName(segment)), "r");
    this.#file = { segment, handle };
    return handle;
  }

  /** A chunk is delivered: its room is free again, and the next commit records the place. */
  delivered({ end, bytes }: Chunk, record: Json | undefined): void {
    this.#delivered = end;
    if (record !== undefined) this.#record = record;
    this.#stored -= bytes;
    this.#isDirty = true;
    let admitted = 0;
    while (this.#waiting.length > 0 && this.#hasRoom(this.#waiting[0]!.size)) {
      const { flight, frames, size, done } = this.#waiting.shift()!;
      this.#take(flight, frames, size);
      admitted++;
      done();
    }
    if (admitted > 0 && this.#waiting.length === 0) this.#options.onFull(false);
  }

  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** What the next commit is to record of the delivery. */
  takeDelivered(): { readonly outbox: string; readonly place: Place; readonly record: Json | undefined } | undefined {
    if (!this.#isDirty) return undefined;
    this.#isDirty = false;
    return { outbox: this.name, place: this.#delivered, record: this.#record };
  }

  /** Counts the committed frames that an earlier run left undelivered. */
  async countLeft(): Promise<number> {
    let { segment, offset } = this.#delivered;
    let frames = 0;
    while (isBefore({ segment, offset }, this.#end)) {
      const handle = await this.#open(segment);
      const limit = segment === this.#end.segment ? this.#end.offset : (await handle.stat()).size;
      while (offset < limit) {
        const chunk = await this.#frames(handle, segment, offset, limit, 10_000);
        frames += chunk.frames.length;
        offset = chunk.end.offset;
      }
      segment++;
      offset = 0;
    }
    return frames;
  }

  async close(): Promise<void> {
    await this.#file?.handle.close();
    this.#file = undefined;
  }
}
