import type { Json } from "../../json.ts";
import type { Place } from "../../storage/database.ts";
import { decodeFrame, type Frame, type Frames } from "../../storage/frame.ts";
import { isBefore } from "../../storage/segments.ts";
import type { Flight } from "../flow/flight.ts";
import { Waiters } from "../flow/waiters.ts";
import type { Deliverable } from "./delivery.ts";
import type { Chunk, Limits } from "./frame-reader.ts";
import type { SinkRecord } from "./sink-record.ts";

/** The frames of a batch, which end at the offset `end`. `done` is called when all of them are delivered. */
interface Held {
  readonly flight: Flight;
  readonly frames: readonly Frame[];
  readonly end: number;
  readonly done: () => void;
}

/**
 * The queue of a sink with a memory buffer. A batch is settled only when it is delivered, so that the sources read it again
 * after a crash. Offsets count all bytes put so far, in one virtual segment 0.
 */
export class MemoryOutbox implements Deliverable {
  readonly name: string;
  readonly #held: Held[] = [];
  readonly #filled = new Waiters();
  readonly #record: SinkRecord;
  #end = 0;
  #delivered = 0;

  constructor(name: string, record: SinkRecord) {
    this.name = name;
    this.#record = record;
  }

  get storedBytes(): number {
    return this.#end - this.#delivered;
  }

  get isEmpty(): boolean {
    return this.storedBytes === 0;
  }

  get place(): Place {
    return { segment: 0, offset: this.#delivered };
  }

  /** `done` is called when the frames are delivered. */
  put(flight: Flight, { bytes }: Frames, done: () => void): void {
    flight.grow(bytes.length);
    this.#end += bytes.length;
    this.#held.push({ flight, frames: [...framesOf(bytes)], end: this.#end, done });
    this.#filled.wake();
  }

  /** Removes the frames of abandoned batches, which will come again. Returns the number of their undelivered events. */
  abandon(flights: ReadonlySet<Flight>): number {
    let events = 0;
    for (const { flight, frames, end } of this.#held.splice(0)) {
      if (!flights.has(flight)) throw new Error(`a batch of "${this.name}" outlived its group`);
      let at = end;
      for (const { size } of frames.toReversed()) {
        if (at > this.#delivered) events++;
        at -= size;
      }
    }
    this.#end = this.#delivered;
    return events;
  }

  async filled(from: Place, signal: AbortSignal): Promise<void> {
    while (!isBefore(from, { segment: 0, offset: this.#end }) && !signal.aborted) await this.#filled.wait(signal);
  }

  async read({ offset: from }: Place, { maxEvents, maxSize }: Limits): Promise<Chunk | undefined> {
    const frames: Frame[] = [];
    let end = from;
    for (const held of this.#held) {
      if (held.end <= from) continue;
      // A chunk may end inside a batch. The next one continues there.
      let at = held.end - held.frames.reduce((total, { size }) => total + size, 0);
      for (const frame of held.frames) {
        at += frame.size;
        if (at <= from) continue;
        if (frames.length > 0 && (frames.length >= maxEvents || at - from > maxSize))
          return { frames, end: { segment: 0, offset: end }, bytes: end - from };
        frames.push(frame);
        end = at;
      }
    }
    return frames.length > 0 ? { frames, end: { segment: 0, offset: end }, bytes: end - from } : undefined;
  }

  delivered({ end }: Chunk, record: Json | undefined): void {
    this.#delivered = end.offset;
    if (record !== undefined) this.#record.keep(record);
    while (this.#held[0] && this.#held[0].end <= this.#delivered) this.#held.shift()!.done();
  }
}

function* framesOf(bytes: Buffer): Generator<Frame> {
  for (let at = 0; at < bytes.length; ) {
    const frame = decodeFrame(bytes, at) as Frame;
    at += frame.size;
    yield frame;
  }
}
