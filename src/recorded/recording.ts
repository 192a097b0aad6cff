import { statSync } from "node:fs";
import type { DecoderOptions } from "../decode/decoder.ts";
import { RecordedFile, type Slice } from "./recorded-file.ts";
import type { TimeReader } from "./time-reader.ts";

/** The next records of a recording, of one file. */
export interface Part {
  readonly path: string;
  readonly slice: Slice;
  /** The time of its event, or else of the one before it in its file, in milliseconds since 1970; `undefined` if there is none. */
  readonly at: number | undefined;
  /** The file has ended with it. */
  readonly end: boolean;
}

/** What was unusual about the files. */
export interface Flaws {
  /** Files that could not be read, or not to their end, and why. */
  readonly unread: readonly { readonly path: string; readonly why: string }[];
  /** Times that were more than an hour ahead of the next one. */
  readonly leaps: number;
}

/** How many files are read at the same time, because their times overlap. */
const mostOpen = 64;

interface Known {
  readonly path: string;
  readonly size: number;
  /** The first time in the file; -Infinity if its beginning has none. */
  readonly first: number;
}

interface Reading {
  readonly file: RecordedFile;
  /** The time of the last record that has one. */
  last: number | undefined;
}

/**
 * Files that were recorded, in the order of the times in them: rotated logs one after the other, and those of several machines
 * together. Memory is limited by the size of blocks and of the longest records.
 */
export class Recording {
  readonly #decoding: DecoderOptions;
  readonly #timeOf: TimeReader;
  readonly #waiting: Known[];
  readonly #open: Reading[] = [];
  readonly #unread: { readonly path: string; readonly why: string }[];
  #finished = 0;
  #leaps = 0;
  /** All bytes of the files, on disk. */
  readonly total: number;
  /** The earliest time in the beginnings of the files, in milliseconds since 1970. */
  readonly first: number | undefined;

  private constructor(known: readonly Known[], unread: Flaws["unread"], decoding: DecoderOptions, timeOf: TimeReader) {
    this.#waiting = known.toSorted((a, b) => a.first - b.first || (a.path < b.path ? -1 : 1));
    this.#unread = [...unread];
    this.#decoding = decoding;
    this.#timeOf = timeOf;
    this.total = known.reduce((sum, { size }) => sum + size, 0);
    this.first = this.#waiting.find(({ first }) => first >= 0)?.first;
  }

  /** Looks at the beginning of each file. */
  static async of(paths: readonly string[], decoding: DecoderOptions, timeOf: TimeReader): Promise<Recording> {
    const known: Known[] = [];
    const unread: { path: string; why: string }[] = [];
    for (const path of paths) {
      const file = new RecordedFile(path, decoding, timeOf);
      await file.fill();
      let first = Number.NEGATIVE_INFINITY;
      for (let slice = file.head; slice && first < 0; slice = file.head) {
        first = slice.time?.at ?? first;
        file.take();
      }
      file.close();
      if (file.failure !== undefined && file.read === 0) unread.push({ path, why: file.failure });
      else known.push({ path, size: statSync(path).size, first });
    }
    return new Recording(known, unread, decoding, timeOf);
  }

  /** How much of the files is read, in bytes on disk. */
  get read(): number {
    return this.#open.reduce((sum, { file }) => sum + file.read, this.#finished);
  }

  get flaws(): Flaws {
    const leaps = this.#open.reduce((sum, { file }) => sum + file.leaps, this.#leaps);
    return { unread: this.#unread, leaps };
  }

  async *parts(): AsyncGenerator<Part> {
    try {
      for (;;) {
        const reading = await this.#earliest();
        if (!reading) return;
        const { file } = reading;
        const limit = this.#limitBeside(reading);
        do {
          const slice = file.head;
          if (!slice) break;
          reading.last = slice.time?.at ?? reading.last;
          file.take();
          if (file.isLow) await file.fill();
          yield { path: file.path, slice, at: reading.last, end: file.head === undefined };
        } while (timeOf(reading) <= limit);
      }
    } finally {
      for (const { file } of this.#open) file.close();
    }
  }

  /** The file with the earliest next record, among those that are open or whose time has come. */
  async #earliest(): Promise<Reading | undefined> {
    for (const reading of this.#open.filter(({ file }) => file.head === undefined)) this.#leave(reading);
    let earliest = first(this.#open);
    for (let next = this.#waiting[0]; next && this.#open.length < mostOpen; next = this.#waiting[0]) {
      if (earliest && timeOf(earliest) < next.first) break;
      this.#waiting.shift();
      const file = new RecordedFile(next.path, this.#decoding, this.#timeOf);
      await file.fill();
      const reading = { file, last: undefined };
      this.#open.push(reading);
      if (file.head === undefined) this.#leave(reading);
      earliest = first(this.#open);
    }
    return earliest;
  }

  #leave(reading: Reading): void {
    const { file } = reading;
    this.#open.splice(this.#open.indexOf(reading), 1);
    this.#finished += file.read;
    this.#leaps += file.leaps;
    if (file.failure !== undefined) this.#unread.push({ path: file.path, why: file.failure });
    file.close();
  }

  /** The earliest time in all other files. */
  #limitBeside(reading: Reading): number {
    const others = this.#open.filter((other) => other !== reading).map(timeOf);
    const waiting =
      this.#open.length < mostOpen ? (this.#waiting[0]?.first ?? Number.POSITIVE_INFINITY) : Number.POSITIVE_INFINITY;
    return Math.min(waiting, ...others);
  }
}

/** The time of its next record; one without a time comes at once. */
const timeOf = ({ file, last }: Reading): number => file.head?.time?.at ?? last ?? Number.NEGATIVE_INFINITY;

const first = (readings: readonly Reading[]): Reading | undefined =>
  readings.reduce<Reading | undefined>((best, next) => (best && timeOf(best) <= timeOf(next) ? best : next), undefined);
