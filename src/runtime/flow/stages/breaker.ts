import type { Clock } from "../../../clock.ts";

/** Events in a row whose calls failed, after which calls are stopped: one event that always fails is no outage. */
const tolerated = 5;
/** … and how long no call must have succeeded by then, in milliseconds: retries get over a short outage. */
const patience = 2_000;
/** How long it then waits before one call is let through to see, in milliseconds; doubled each time. */
const firstRest = 1_000;
const longestRest = 30_000;

/** How a call may be made: as usual, or as the one that finds out whether the outage is over. */
export type Permit = "call" | "probe";

/** A circuit breaker: during an outage calls fail at once, and a probe from time to time finds its end. */
export class Breaker {
  readonly #clock: Clock;
  /** What was called for without success since the last one. */
  readonly #failed = new Set<unknown>();
  #rest = firstRest;
  #restsUntil: number | undefined;
  #failingSince: number | undefined;
  #error: unknown;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get isOpen(): boolean {
    return this.#restsUntil !== undefined;
  }

  /** What failed last. */
  get error(): unknown {
    return this.#error;
  }

  /** Whether a call may be made now; while the breaker is open, one probe after each rest. */
  permit(): Permit | undefined {
    if (this.#restsUntil === undefined) return "call";
    if (this.#clock.now() < this.#restsUntil) return undefined;
    this.#restsUntil = this.#clock.now() + this.#rest;
    return "probe";
  }

  /** True when this success closed it. */
  succeeded(): boolean {
    const wasOpen = this.isOpen;
    this.#failed.clear();
    this.#failingSince = undefined;
    this.#rest = firstRest;
    this.#restsUntil = undefined;
    return wasOpen;
  }

  /** A call for `subject` failed. True when this failure opened it. */
  failed(subject: unknown, permit: Permit, error: unknown): boolean {
    this.#error = error;
    if (this.isOpen) {
      // Calls that were under way when it opened say nothing new.
      if (permit === "call") return false;
      this.#rest = Math.min(this.#rest * 2, longestRest);
    } else {
      this.#failingSince ??= this.#clock.now();
      this.#failed.add(subject);
      if (this.#failed.size < tolerated || this.#clock.now() - this.#failingSince < patience) return false;
    }
    const wasOpen = this.isOpen;
    this.#failed.clear();
    this.#restsUntil = this.#clock.now() + this.#rest;
    return !wasOpen;
  }
}
