import type { Clock } from "../../../clock.ts";

/** Failures in a row after which calls are not tried any more. */
const tolerated = 5;
/** How long it then waits before one call is let through to see, in milliseconds; doubled each time. */
const firstRest = 1_000;
const longestRest = 30_000;

/** A circuit breaker: during an outage calls fail at once, and a probe from time to time finds its end. */
export class Breaker {
  readonly #clock: Clock;
  #failures = 0;
  #rest = firstRest;
  #restsUntil: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#restsUntil !== undefined;
  }

  /** Whether a call may be made now; while the breaker is open, one probe after each rest. */
  mayCall(): boolean {
    if (this.#restsUntil === undefined) return true;
    if (this.#clock.now() < this.#restsUntil) return false;
    this.#restsUntil = this.#clock.now() + this.#rest;
    return true;
  }

  succeeded(): void {
    this.#failures = 0;
    this.#rest = firstRest;
    this.#restsUntil = undefined;
  }

  /** True when this failure opened it. */
  failed(): boolean {
    this.#failures++;
    if (this.#failures < tolerated) return false;
    const wasOpen = this.isOpen;
    if (wasOpen) this.#rest = Math.min(this.#rest * 2, longestRest);
    this.#restsUntil = this.#clock.now() + this.#rest;
    return !wasOpen;
  }
}
