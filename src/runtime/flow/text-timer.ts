import type { Clock } from "../../clock.ts";
import type { Decoder } from "../../decode/decoder.ts";
import type { ReadingClock } from "./reading-clock.ts";
import { Waiters } from "./waiters.ts";

/** The shortest sleep, in milliseconds: texts of many streams that are due one after another are looked at together. */
const shortestSleep = 20;
/** The longest, so that a clock that stood still is noticed. */
const longestSleep = 60_000;

export interface TextTimerOptions {
  readonly clock: Clock;
  readonly readingClock: ReadingClock;
  /** The decoders of the streams that are being read. */
  readonly decoders: ReadonlyMap<string, Decoder>;
  /** Resolves when there is room for more events, or `signal` aborts. */
  readonly room: (signal: AbortSignal) => Promise<void>;
  /** Passes on what has waited long enough in a stream. */
  readonly close: (stream: string, decoder: Decoder) => void;
}

/** Sees to it that a text that may go on, such as a stack trace, does not wait for ever for what comes next. */
export class TextTimer {
  readonly #options: TextTimerOptions;
  readonly #opened = new Waiters();

  constructor(options: TextTimerOptions) {
    this.#options = options;
  }

  /** Call it when a text may have been opened. */
  wake(): void {
    this.#opened.wake();
  }

  async run(signal: AbortSignal): Promise<void> {
    const { clock, readingClock, decoders, room, close } = this.#options;
    while (!signal.aborted) {
      const dues = [...decoders.values()].flatMap(({ due }) => due ?? []);
      if (dues.length === 0) {
        await this.#opened.wait(signal);
        continue;
      }
      const left = dues.reduce((a, b) => Math.min(a, b)) - readingClock.now();
      if (left > 0) {
        await clock.sleep(Math.min(Math.max(left, shortestSleep), longestSleep), signal);
        continue;
      }
      await room(signal);
      if (signal.aborted) return;
      for (const [stream, decoder] of decoders)
        if ((decoder.due ?? Infinity) <= readingClock.now()) close(stream, decoder);
    }
  }
}
