import type { Clock } from "../../clock.ts";
import type { Log } from "../../context.ts";

/** If the clock is set back by more than this, in milliseconds, ingestion times follow it. */
const maxStep = 5 * 60_000;

/**
 * Makes ingestion times, in milliseconds since 1970: the clock's time, but never lower than the highest one so far. The
 * highest one is committed, so this holds across restarts. If the clock is set back by more than five minutes, ingestion
 * times follow it, and an error is logged.
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

  /** The time that `next` would return, without following or logging a clock that was set back. */
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
