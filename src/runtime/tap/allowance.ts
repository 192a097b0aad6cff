/**
 * An amount that refills at a constant rate, up to `most`. It may be overdrawn; then nothing is left until that is made up
 * for, so in the long run no more is spent than the rate allows.
 */
export class Allowance {
  readonly #most: number;
  #perSecond: number;
  #left: number;
  /** When `#left` was true, in milliseconds. */
  #at: number;

  constructor(perSecond: number, most: number, now: number) {
    this.#perSecond = perSecond;
    this.#most = most;
    this.#left = most;
    this.#at = now;
  }

  /** From now on it refills at another rate. `now`: milliseconds of a monotonic clock. */
  change(perSecond: number, now: number): void {
    this.left(now);
    this.#perSecond = perSecond;
  }

  left(now: number): number {
    this.#left = Math.min(this.#most, this.#left + ((now - this.#at) / 1000) * this.#perSecond);
    this.#at = now;
    return this.#left;
  }

  spend(amount: number): void {
    this.#left -= amount;
  }
}
