import type { Clock, Reading } from "weir";

/** A pause until something has happened. */
export class Waiting {
  readonly until: Promise<unknown>;

  constructor(until: Promise<unknown>) {
    this.until = until;
  }
}

/** What a scan yields: a reading, or a pause. */
export type ScanStep = Reading | Waiting | undefined;

/** After looking for files, this many times as long passes before the next time: it takes at most 4 % of the time. */
const restFactor = 24;

/** The same if files were created, removed or renamed. */
const hurriedRestFactor = 3;

/** Decides when to look for files, and divides the work between looking and reading. */
export class Schedule {
  readonly #clock: Clock;
  readonly #interval: number;
  #scan: AsyncGenerator<ScanStep, number> | undefined;
  #isHurried = true;
  /** When the last scan finished. */
  #finished = Number.NEGATIVE_INFINITY;
  /** How long looking took the last two times, in milliseconds. */
  #durations: readonly number[] = [0];
  /** A scan finished in the last call of `work`. */
  hasFinished = false;

  /** `interval` between scans, in milliseconds. With many files, it is longer. */
  constructor(clock: Clock, interval: number) {
    this.#clock = clock;
    this.#interval = interval;
  }

  get isScanning(): boolean {
    return this.#scan !== undefined;
  }

  /** Files were created, removed or renamed. */
  hurry(): void {
    this.#isHurried = true;
  }

  isDue(isUrgent: boolean): boolean {
    return isUrgent || this.rest <= 0;
  }

  /** How long until the next scan, in milliseconds. */
  get rest(): number {
    const duration = Math.min(...this.#durations);
    const rest = this.#isHurried ? hurriedRestFactor * duration : Math.max(this.#interval, restFactor * duration);
    return this.#finished + rest - this.#clock.monotonic();
  }

  /** The scan returns how long it took to look for files, in milliseconds. */
  start(scan: AsyncGenerator<ScanStep, number>): void {
    this.#scan = scan;
    this.#isHurried = false;
  }

  /** Works on the scan until it pauses. Returns what it waits for. */
  async *work(): AsyncGenerator<Reading, Waiting | undefined> {
    this.hasFinished = false;
    while (this.#scan) {
      const { done, value } = await this.#scan.next();
      if (done) {
        this.#scan = undefined;
        this.#durations = [...this.#durations.slice(-1), value];
        // Set after the scan, so that a slow scan leaves time to read.
        this.#finished = this.#clock.monotonic();
        this.hasFinished = true;
        return undefined;
      }
      if (value === undefined || value instanceof Waiting) return value;
      yield value;
    }
    return undefined;
  }

  async stop(): Promise<void> {
    await this.#scan?.return(0);
  }
}
