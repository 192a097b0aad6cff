import type { Clock } from "../../../clock.ts";

/** The breaker opens after failures of this many different events in a row. A single event that always fails is no outage. */
const tolerated = 5;
/** How long no call must have succeeded by then, in milliseconds. Retries get over shorter outages. */
const patience = 2_000;
/** Time before the first probe, in milliseconds. It doubles after each failed probe. */
const firstRest = 1_000;
const longestRest = 30_000;

/** The kind of a permitted call: a normal call, or a probe that finds out whether the outage is over. */
export type Permit = "call" | "probe";

/** A circuit breaker. During an outage calls fail at once; a probe from time to time detects the end of the outage. */
export class Breaker {
  readonly #clock: Clock;
  /** The subjects of failed calls since the last success. */
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

  /** The last error. */
  get error(): unknown {
    return this.#error;
  }

  /** Permission for a call now; `undefined` if it must not be made. While the breaker is open, it permits one probe after
   *  each rest. */
  permit(): Permit | undefined {
    if (this.#restsUntil === undefined) return "call";
    if (this.#clock.monotonic() < this.#restsUntil) return undefined;
    this.#restsUntil = this.#clock.monotonic() + this.#rest;
    return "probe";
  }

  /** Records a success. Returns whether it closed the breaker. */
  succeeded(): boolean {
    const wasOpen = this.isOpen;
    this.#failed.clear();
    this.#failingSince = undefined;
    this.#rest = firstRest;
    this.#restsUntil = undefined;
    return wasOpen;
  }

  /** Records a failed call for `subject`. Returns whether it opened the breaker. */
  failed(subject: unknown, permit: Permit, error: unknown): boolean {
    this.#error = error;
    if (this.isOpen) {
      // A call that was in progress when the breaker opened gives no new information.
      if (permit === "call") return false;
      this.#rest = Math.min(this.#rest * 2, longestRest);
    } else {
      this.#failingSince ??= this.#clock.monotonic();
      this.#failed.add(subject);
      if (this.#failed.size < tolerated || this.#clock.monotonic() - this.#failingSince < patience) return false;
    }
    const wasOpen = this.isOpen;
    this.#failed.clear();
    this.#restsUntil = this.#clock.monotonic() + this.#rest;
    return !wasOpen;
  }
}
