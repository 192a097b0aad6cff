import type { Clock } from "../../clock.ts";
import type { Log } from "../../context.ts";

/** A step of the clock beyond this is followed, in milliseconds. */
const maxStep = 5 * 60_000;

/**
 * Stamps of ingestion, in milliseconds since 1970: the clock, but never below the highest stamp so far, which is
 * committed and so holds across a restart too. A clock set back by more than five minutes is followed, with a loud log.
 */
export class Stamps {
  readonly #clock: Clock;
  readonly #log: Log;
  #highest: number;

  constructor(clock: Clock, log: Log, highest: number) {
    this.#clock = clock;
    this.#log = log;
    this.#highest = highest;
  }

  /** What `next` would give, without a step of the clock being followed. */
  peek(): number {
    const now = this.#clock.now();
    return now < this.#highest - maxStep ? now : Math.max(this.#highest, now);
  }

  next(): number {
    const now = this.#clock.now();
    if (now < this.#highest - maxStep) {
      const [from, to] = [new Date(this.#highest).toISOString(), new Date(now).toISOString()];
      this.#log.error(
        `the clock was set back from ${from} to ${to}: ingestion times follow it, so history windows may be off by the difference`,
      );
      this.#highest = now;
    }
    this.#highest = Math.max(this.#highest, now);
    return this.#highest;
  }
}
