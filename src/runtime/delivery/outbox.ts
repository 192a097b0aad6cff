import type { Json } from "../../json.ts";
import type { Place } from "../../storage/database.ts";
import type { Frames } from "../../storage/frame.ts";
import { bytesBetween, isBefore } from "../../storage/segments.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import type { Flight } from "../flow/flight.ts";
import { Waiters } from "../flow/waiters.ts";
import type { Deliverable } from "./delivery.ts";
import { type Chunk, chunkIn, FrameReader, type Limits } from "./frame-reader.ts";
import type { Progress, Progressing } from "./sink-record.ts";

export interface OutboxOptions {
  readonly name: string;
  readonly directory: string;
  /** Quota in bytes. The oldest uncommitted batch may exceed it when the outbox has nothing left to deliver. */
  readonly maxSize: number;
  readonly end: Place | undefined;
  readonly delivered: { readonly place: Place; readonly record: Json | undefined } | undefined;
  readonly ledger: Ledger;
  /** Called with true when frames start to wait for room, and with false when no more frames wait. */
  readonly onFull: (full: boolean) => void;
}

/** Frames that wait for room. `done` is called when they are admitted. */
interface Waiting {
  readonly flight: Flight;
  readonly frames: Frames;
  readonly done: () => void;
}

/** Of the last commit, this much is kept in memory, in bytes. */
const mostLatest = 64 * 1024;

const start: Place = { segment: 1, offset: 0 };

/**
 * The queue of a sink on disk. The frames of a batch become durable with the commit of the batch, and can be read and
 * delivered after that. When the quota is reached, batches wait.
 */
export class Outbox implements Deliverable, Progressing {
  readonly name: string;
  readonly #options: OutboxOptions;
  /** Ordered by sequence, so that later batches do not take the room of earlier ones. */
  readonly #waiting: Waiting[] = [];
  #maxSize: number;
  #end: Place;
  #delivered: Place;
  #record: Json | undefined;
  /** Undelivered bytes, committed or not. */
  #stored: number;
  /** The uncommitted part of `#stored`. */
  #uncommitted = 0;
  #isDirty = false;
  #isFull = false;
  /** What the last commit appended, if it is little: a sink that waits for it need not wait for a file. */
  #latest: { readonly start: Place; readonly bytes: Buffer } | undefined;
  readonly #filled = new Waiters();
  readonly #reader: FrameReader;

  constructor(options: OutboxOptions) {
    this.name = options.name;
    this.#options = options;
    this.#maxSize = options.maxSize;
    this.#reader = new FrameReader(options.directory);
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

  /** Whether everything committed is delivered. */
  get isEmpty(): boolean {
    return !isBefore(this.#delivered, this.#end);
  }

  /** Its quota, in bytes. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** Another quota, in bytes. */
  resize(maxSize: number): void {
    this.#maxSize = maxSize;
    this.admit();
  }

  /** Adds the frames of a batch. Calls `done` when they are admitted: at once, or when there is room. */
  put(flight: Flight, frames: Frames, done: () => void): void {
    flight.grow(frames.bytes.length);
    const place = this.#waiting.findIndex((other) => other.flight.sequence > flight.sequence);
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, { flight, frames, done });
    this.admit();
    const isFull = this.#waiting.length > 0;
    if (isFull && !this.#isFull) this.#options.onFull(true);
    this.#isFull = isFull;
  }

  /** Admits waiting frames while there is room. Call it also after commits, which may make a waiting batch the oldest. */
  admit(): void {
    for (let next = this.#waiting[0]; next && this.#hasRoom(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(next.flight, next.frames);
      next.done();
    }
    if (this.#waiting.length > 0 || !this.#isFull) return;
    this.#isFull = false;
    this.#options.onFull(false);
  }

  /**
   * The oldest batch may exceed the quota when everything committed is delivered, or everything stored is uncommitted.
   * Otherwise a batch in several parts, or one that is larger than the quota, could wait for itself forever.
   */
  #hasRoom({ flight, frames }: Waiting): boolean {
    if (this.#stored + frames.bytes.length <= this.#maxSize) return true;
    return flight.isFirst && (this.isEmpty || this.#stored === this.#uncommitted);
  }

  /** Removes the frames of abandoned batches. Returns the number of their events. */
  abandon(flights: ReadonlySet<Flight>): number {
    let events = 0;
    const waiting = this.#waiting.splice(0);
    for (const one of waiting)
      if (flights.has(one.flight)) events += one.frames.count;
      else this.#waiting.push(one);
    for (const { frames } of flights) {
      const held = frames.get(this);
      if (!held) continue;
      events += held.events;
      const size = held.parts.reduce((total, { length }) => total + length, 0);
      this.#stored -= size;
      this.#uncommitted -= size;
    }
    this.admit();
    return events;
  }

  /** Whether this many bytes fit now and no other frames are waiting. */
  hasRoomFor(bytes: number): boolean {
    return this.#waiting.length === 0 && this.#stored + bytes <= this.#maxSize;
  }

  #take(flight: Flight, { bytes, count }: Frames): void {
    this.#stored += bytes.length;
    this.#uncommitted += bytes.length;
    const held = flight.frames.get(this);
    if (held) {
      held.parts.push(bytes);
      held.events += count;
    } else flight.frames.set(this, { parts: [bytes], events: count });
  }

  /** The frames up to `end` are committed; `parts` are those of the last commit, which are copied if they are needed. */
  committed(end: Place, parts: readonly Buffer[]): void {
    this.#uncommitted -= bytesBetween(this.#options.directory, this.#end, end);
    this.#end = end;
    const length = parts.reduce((total, part) => total + part.length, 0);
    this.#latest =
      length > mostLatest
        ? undefined
        : { start: { segment: end.segment, offset: end.offset - length }, bytes: Buffer.concat(parts, length) };
    this.#filled.wake();
  }

  get place(): Place {
    return this.#delivered;
  }

  async filled(from: Place, signal: AbortSignal): Promise<void> {
    while (!isBefore(from, this.#end) && !signal.aborted) await this.#filled.wait(signal);
  }

  /** Reads committed frames only. */
  read(from: Place, limits: Limits): Promise<Chunk | undefined> {
    const latest = this.#latest;
    if (latest && isBefore(from, this.#end) && !isBefore(from, latest.start))
      return Promise.resolve(chunkIn(latest.bytes, latest.start, from, limits));
    return this.#reader.read(from, this.#end, limits);
  }

  free(chunk: Chunk): void {
    this.#reader.free(chunk);
  }

  /** Marks a chunk as delivered. Its space is free at once; the next commit records the place. */
  delivered({ end, bytes }: Chunk, record: Json | undefined): void {
    this.#delivered = end;
    if (this.isEmpty) this.#latest = undefined;
    if (record !== undefined) this.#record = record;
    this.#stored -= bytes;
    this.#isDirty = true;
    this.admit();
  }

  /** Frees the space of dead letters that were purged or replayed. */
  freed(bytes: number): void {
    this.#stored -= bytes;
    this.admit();
  }

  /** The end of the committed frames. */
  get end(): Place {
    return this.#end;
  }

  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** Another record of the sink; the next commit saves it. */
  keep(record: Json): void {
    this.#record = record;
    this.#isDirty = true;
  }

  markDirty(): void {
    this.#isDirty = true;
  }

  takeDelivered(): Progress | undefined {
    if (!this.#isDirty) return undefined;
    this.#isDirty = false;
    return { outbox: this.name, place: this.#delivered, record: this.#record };
  }

  /** Counts the committed frames that an earlier run left undelivered. */
  countLeft(): Promise<number> {
    return this.#reader.count(this.#delivered, this.#end);
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}
