import { createReadStream, type ReadStream } from "node:fs";
import { Decoder, type DecoderOptions, type RecordHandlers } from "../decode/decoder.ts";
import { readContent } from "./content.ts";
import type { FoundTime, TimeReader } from "./time-reader.ts";

/** Bytes of a file that end with a record, and the time of that record. */
export interface Slice {
  readonly position: number;
  readonly bytes: Buffer;
  /** `undefined`: no record in it has a time that can be used. */
  readonly time: FoundTime | undefined;
  /** Whether it has an event, and not only records that cannot be decoded. */
  readonly hasEvent: boolean;
}

/** How much is read at a time, in bytes. */
const block = 256 * 1024;
/** Bytes without the end of a record that are passed on as they are. */
const longest = 1024 * 1024;
/** A record that is so much later than the one after it has a wrong time, in milliseconds: one hour. */
const leap = 3_600_000;

/**
 * A file that was recorded, perhaps compressed with gzip, cut after each of its records. It decodes them to find their
 * times. `read` counts what is read of the file itself, in bytes.
 */
export class RecordedFile {
  readonly path: string;
  read = 0;
  /** Why the file ends before its end. */
  failure: string | undefined;
  /** How many records had a time that cannot be right, because the next one is more than an hour earlier. */
  leaps = 0;
  readonly #timeOf: TimeReader;
  readonly #decoder: Decoder;
  #input: ReadStream | undefined;
  #blocks: AsyncIterator<Buffer> | undefined;
  #slices: Slice[] = [];
  #next = 0;
  /** What is read, from the end of the last slice on. */
  #left: Buffer = Buffer.alloc(0);
  #position = 0;
  #isOver = false;

  constructor(path: string, decoding: DecoderOptions, timeOf: TimeReader) {
    this.path = path;
    this.#timeOf = timeOf;
    this.#decoder = new Decoder("recorded", path, decoding);
  }

  /** The next slice, without taking it; `undefined` at the end of the file, or when `fill` must be called before. */
  get head(): Slice | undefined {
    return this.#slices[this.#next];
  }

  take(): void {
    this.#next++;
  }

  /** Whether `fill` must be called before the next slice is known, and its time is checked. */
  get isLow(): boolean {
    return !this.#isOver && this.#next >= this.#slices.length - 1;
  }

  /** Reads on until there is a next slice, or the file has ended. */
  async fill(): Promise<void> {
    while (this.isLow) {
      const bytes = await this.#block();
      this.#slices = this.#slices.slice(this.#next);
      this.#next = 0;
      if (bytes) this.#decode(bytes);
      else this.#end();
    }
  }

  close(): void {
    this.#isOver = true;
    this.#input?.destroy();
  }

  async #block(): Promise<Buffer | undefined> {
    try {
      this.#blocks ??= await this.#open();
      const { done, value } = await this.#blocks.next();
      return done ? undefined : value;
    } catch (error) {
      this.failure = (error as Error).message;
      return undefined;
    }
  }

  async #open(): Promise<AsyncIterator<Buffer>> {
    const { blocks } = await readContent(this.path, () => {
      this.#input = createReadStream(this.path, { highWaterMark: block });
      this.#input.on("data", (bytes) => {
        this.read += bytes.length;
      });
      return this.#input.pause();
    });
    return blocks[Symbol.asyncIterator]();
  }

  #decode(bytes: Buffer): void {
    const position = this.#position + this.#left.length;
    const starts = new Starts(this.#timeOf);
    this.#decoder.push(bytes, position, 0, starts);
    this.#left = this.#left.length === 0 ? bytes : Buffer.concat([this.#left, bytes]);
    this.#cut(starts, this.#decoder.reached);
    if (this.#left.length > longest) this.#cut(new Starts(this.#timeOf), this.#position + this.#left.length);
  }

  #end(): void {
    this.#isOver = true;
    const starts = new Starts(this.#timeOf);
    this.#decoder.end(0, starts);
    this.#cut(starts, this.#position + this.#left.length);
  }

  /** Cuts what is left before the start of each record but the first, and at `end`. */
  #cut({ found }: Starts, end: number): void {
    if (end <= this.#position) return;
    for (let index = 0; index < Math.max(1, found.length); index++) {
      const until = Math.max(this.#position, found[index + 1]?.position ?? end);
      const { time, hasEvent = false } = found[index] ?? {};
      const bytes = this.#left.subarray(0, until - this.#position);
      if (bytes.length === 0) continue;
      this.#slices.push({ position: this.#position, bytes, time, hasEvent });
      this.#left = this.#left.subarray(bytes.length);
      this.#position = until;
      this.#checkLast();
    }
  }

  /** A time that is far ahead of the next one would take all events after it along. */
  #checkLast(): void {
    const last = this.#slices.length - 1;
    const { time } = this.#slices[last]!;
    if (!time) return;
    const place = this.#slices.findLastIndex((slice, index) => index < last && slice.time !== undefined);
    const before = this.#slices[place];
    if (place < this.#next || !before?.time || before.time.at - time.at <= leap) return;
    this.leaps++;
    this.#slices[place] = { ...before, time: undefined };
  }
}

/** The records of a block: where each begins, and its time. */
class Starts implements RecordHandlers {
  readonly found: { readonly position: number; readonly time: FoundTime | undefined; readonly hasEvent: boolean }[] =
    [];
  readonly #timeOf: TimeReader;

  constructor(timeOf: TimeReader) {
    this.#timeOf = timeOf;
  }

  event(event: Parameters<RecordHandlers["event"]>[0]): void {
    const { position } = event.meta;
    const last = this.found.at(-1);
    if (last?.position === position && last.hasEvent) return;
    this.found.push({ position, time: this.#timeOf(event), hasEvent: true });
  }

  failure({ position }: Parameters<RecordHandlers["failure"]>[0]): void {
    this.found.push({ position, time: undefined, hasEvent: false });
  }
}
