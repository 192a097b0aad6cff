import type { Clock } from "weir";

/** How long events wait for a topic that is named by one of them, in milliseconds. A broker that creates topics is faster. */
const patience = 5_000;
/** The most topics that are remembered; of more, the earliest are forgotten. */
const mostTopics = 10_000;

/** Topics that do not exist, or that may not be written to, and since when. */
export class UnwritableTopics {
  readonly #clock: Clock;
  readonly #since = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a write to it has failed before. */
  has(topic: string): boolean {
    return this.#since.has(topic);
  }

  /** Call it when a write to a topic has failed. Returns whether that has been so for long. */
  failed(topic: string): boolean {
    const now = this.#clock.monotonic();
    const since = this.#since.get(topic) ?? now;
    this.#since.set(topic, since);
    if (this.#since.size > mostTopics) this.#since.delete(this.#since.keys().next().value!);
    return now - since >= patience;
  }

  written(topic: string): void {
    this.#since.delete(topic);
  }
}
