import type { Clock } from "../../clock.ts";

/** The time that a source has had to read: it stands still while the source has to wait for room. */
export class ReadingClock {
  readonly #clock: Clock;
  #waited = 0;
  #stoppedAt: number | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Milliseconds since some fixed moment. */
  now(): number {
    return (this.#stoppedAt ?? this.#clock.monotonic()) - this.#waited;
  }

  stop(): void {
    this.#stoppedAt ??= this.#clock.monotonic();
  }

  goOn(): void {
    if (this.#stoppedAt === undefined) return;
    this.#waited += this.#clock.monotonic() - this.#stoppedAt;
    this.#stoppedAt = undefined;
  }
}
