import type { Clock } from "weir";
import type { Stream } from "./streams/stream.ts";

type Tell = (progress: { readonly bytes: number; readonly total: number }) => void;

/** Time between two reports, in milliseconds. */
const interval = 250;

/** Reports how far files are read that are read to their end: in bytes on disk, of the files that this run reads. */
export class Progress {
  readonly #clock: Clock;
  readonly #tell: Tell | undefined;
  /** The size of the files that were read to their end. */
  #ended = 0;
  #due = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, tell: Tell | undefined) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** The stream has ended. Call it before its file is closed. */
  ended(stream: Stream): void {
    this.#ended += sizeOf(stream);
  }

  /** Reports, if it is time. `active`: the streams that have not ended. */
  report(active: () => readonly Stream[]): void {
    const now = this.#clock.monotonic();
    if (!this.#tell || now < this.#due) return;
    this.#due = now + interval;
    let [bytes, total] = [this.#ended, this.#ended];
    for (const stream of active()) {
      bytes += stream.bytesRead;
      total += sizeOf(stream);
    }
    this.#tell({ bytes, total });
  }

  /** Reports that everything is read. */
  over(): void {
    this.#tell?.({ bytes: this.#ended, total: this.#ended });
  }
}

/** A file may have grown since it was found. */
const sizeOf = ({ size, bytesRead }: Stream): number => Math.max(size, bytesRead);
