import type { Json } from "../json.ts";
import type { Place } from "../storage/database.ts";
import { bytesBetween, isBefore, missingSegments } from "../storage/segments.ts";
import type { Ledger } from "../telemetry/ledger.ts";
import type { Deliverable } from "./delivery.ts";
import type { Flight } from "./flow/flight.ts";
import { Waiters } from "./flow/waiters.ts";
import { type Chunk, FrameReader, type Limits } from "./frame-reader.ts";

export interface OutboxOptions {
  readonly name: string;
  readonly directory: string;
  /** Quota in bytes; the oldest uncommitted batch may go beyond it when nothing is left to deliver. */
  readonly maxSize: number;
  readonly end: Place | undefined;
  readonly delivered: { readonly place: Place; readonly record: Json | undefined } | undefined;
  readonly ledger: Ledger;
  /** Called when frames wait for room, and when they have got it. */
  readonly onFull: (full: boolean) => void;
}

/** Frames that wait for room; `done` is called when they have got it. */
interface Waiting {
  readonly flight: Flight;
  readonly frames: readonly Buffer[];
  readonly size: number;
  readonly done: () => void;
}

const start: Place = { segment: 1, offset: 0 };

/**
 * What waits for a sink, on disk: frames are put with a batch, are there for good with the batch's commit, and can then
 * be read and delivered. When its quota is reached, batches wait (`block`).
 */
export class Outbox implements Deliverable {
  readonly name: string;
  readonly #options: OutboxOptions;
  /** By sequence: later batches must not keep the room from those that are committed before them. */
  readonly #waiting: Waiting[] = [];
  #maxSize: number;
  #end: Place;
  #delivered: Place;
  #record: Json | undefined;
  /** Bytes that are put or committed, and not delivered. */
  #stored: number;
  /** Those of them that are put and not committed. */
  #uncommitted = 0;
  #isDirty = false;
  #isFull = false;
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

  /** Nothing is committed that is not delivered. */
  get isEmpty(): boolean {
    return !isBefore(this.#delivered, this.#end);
  }

  /** Another quota, in bytes. */
  resize(maxSize: number): void {
    this.#maxSize = maxSize;
    this.admit();
  }

  /** Hands a batch's frames over; `done` is called when they are in, at once or when there is room. */
  put(flight: Flight, frames: readonly Buffer[], done: () => void): void {
    const size = frames.reduce((total, frame) => total + frame.length, 0);
    flight.grow(size);
    const place = this.#waiting.findIndex((other) => other.flight.sequence > flight.sequence);
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, { flight, frames, size, done });
    this.admit();
    const isFull = this.#waiting.length > 0;
    if (isFull && !this.#isFull) this.#options.onFull(true);
    this.#isFull = isFull;
  }

  /** Takes what waits for room, as far as there is some; to be called when a commit may have made a batch the oldest. */
  admit(): void {
    for (let next = this.#waiting[0]; next && this.#hasRoom(next); next = this.#waiting[0]) {
      this.#waiting.shift();
      this.#take(next.flight, next.frames, next.size);
      next.done();
    }
    if (this.#waiting.length > 0 || !this.#isFull) return;
    this.#isFull = false;
    this.#options.onFull(false);
  }

  /**
   * Without the second clause, a batch in several parts, or later ones that came first, would wait for themselves; and one
   * that is larger than all the room there is, for ever.
   */
  #hasRoom({ flight, size }: Waiting): boolean {
    if (this.#stored + size <= this.#maxSize) return true;
    return flight.isFirst && (this.isEmpty || this.#stored === this.#uncommitted);
  }

  /** These batches are given back: nothing of them goes in. Returns how many events that is. */
  abandon(flights: ReadonlySet<Flight>): number {
    let events = 0;
    const waiting = this.#waiting.splice(0);
    for (const one of waiting)
      if (flights.has(one.flight)) events += one.frames.length;
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

  /** Whether so many bytes have room now, with nobody waiting before them. */
  hasRoomFor(bytes: number): boolean {
    return this.#waiting.length === 0 && this.#stored + bytes <= this.#maxSize;
  }

  #take(flight: Flight, frames: readonly Buffer[], size: number): void {
    this.#stored += size;
    this.#uncommitted += size;
    const held = flight.frames.get(this);
    if (held) {
      held.parts.push(...frames);
      held.events += frames.length;
    } else flight.frames.set(this, { parts: [...frames], events: frames.length });
  }

  /** The frames of a commit are on the disk, up to `end`. */
  committed(end: Place): void {
    this.#uncommitted -= bytesBetween(this.#options.directory, this.#end, end);
    this.#end = end;
    this.#filled.wake();
  }

  get place(): Place {
    return this.#delivered;
  }

  async filled(from: Place, signal: AbortSignal): Promise<void> {
    while (!isBefore(from, this.#end) && !signal.aborted) await this.#filled.wait(signal);
  }

  /** Committed frames only. */
  read(from: Place, limits: Limits): Promise<Chunk | undefined> {
    return this.#reader.read(from, this.#end, limits);
  }

  /** A chunk is delivered: its room is free again, and the next commit records the place. */
  delivered({ end, bytes }: Chunk, record: Json | undefined): void {
    this.#delivered = end;
    if (record !== undefined) this.#record = record;
    this.#stored -= bytes;
    this.#isDirty = true;
    this.admit();
  }

  /** Bytes of it are gone that were not delivered: dead letters. */
  freed(bytes: number): void {
    this.#stored -= bytes;
    this.admit();
  }

  /** How far it is committed. */
  get end(): Place {
    return this.#end;
  }

  get isDirty(): boolean {
    return this.#isDirty;
  }

  /** What was taken to be recorded was not. */
  markDirty(): void {
    this.#isDirty = true;
  }

  /** What the next commit is to record of the delivery. */
  takeDelivered(): { readonly outbox: string; readonly place: Place; readonly record: Json | undefined } | undefined {
    if (!this.#isDirty) return undefined;
    this.#isDirty = false;
    return { outbox: this.name, place: this.#delivered, record: this.#record };
  }

  /** The segments that should hold undelivered frames, and whose files are gone. */
  missingSegments(): number[] {
    return missingSegments(this.#options.directory, this.#delivered, this.#end);
  }

  /** Counts the committed frames that an earlier run left undelivered. */
  countLeft(): Promise<number> {
    return this.#reader.count(this.#delivered, this.#end);
  }

  close(): Promise<void> {
    return this.#reader.close();
  }
}
