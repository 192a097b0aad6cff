import { type Clock, systemClock } from "../clock.ts";

/**
 * A clock that stands at the time of the event that is read, and never goes back. What sleeps does so in the time of this
 * machine: it waits for disks and other processes, and not for events.
 */
export class RecordedClock implements Clock {
  readonly #start: number;
  #now: number;
  /** How long the run has waited for others while the clock stood still, in milliseconds. */
  #waited = 0;

  /** `start`: in milliseconds since 1970. */
  constructor(start: number) {
    this.#start = start;
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now - this.#start + this.#waited;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return systemClock.sleep(ms, signal);
  }

  /** Moves on to a time. An earlier one changes nothing. */
  moveTo(time: number): void {
    this.#now = Math.max(this.#now, time);
  }

  /** Lets what measures intervals, such as a time limit, see how long the run has waited since `since`. */
  waitedSince(since: number): void {
    this.#waited += performance.now() - since;
  }
}
