/** How long a stream counts after its last event, in milliseconds. Loki closes one that is idle after 30 minutes by default. */
const lifetime = 60 * 60_000;

/** The streams of the last hour, so that labels with many values do not make streams without bound. */
export class Streams {
  readonly #most: number;
  /** When each had its last event, the earliest first. */
  readonly #last = new Map<string, number>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Whether an event may have these labels now; `now` in milliseconds, on a clock that does not run backwards. */
  admits(key: string, now: number): boolean {
    if (!this.#last.has(key)) {
      this.#forget(now);
      if (this.#last.size >= this.#most) return false;
    }
    this.#last.delete(key);
    this.#last.set(key, now);
    return true;
  }

  #forget(now: number): void {
    for (const [key, last] of this.#last) {
      if (now - last < lifetime) return;
      this.#last.delete(key);
    }
  }
}
