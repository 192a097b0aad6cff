import type { Clock } from "../clock.ts";

/** Between two times that the same is said, in milliseconds. */
const interval = 60_000;

/** What a message says of the times that it was not said. */
export const andMore = (unsaid: number): string =>
  unsaid > 0 ? `, and ${unsaid} more since the last time this was said` : "";

/** Keeps a log readable while something goes on and on: the same is said once a minute at most, and counted in between. */
export class Seldom {
  readonly #clock: Clock;
  readonly #said = new Map<string, { readonly at: number; unsaid: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** How often it was not said since the last time, when it may be said now. Keys must be few: each is kept. */
  ask(key: string): number | undefined {
    const last = this.#said.get(key);
    const now = this.#clock.now();
    if (last && now - last.at < interval) {
      last.unsaid++;
      return undefined;
    }
    this.#said.set(key, { at: now, unsaid: 0 });
    return last?.unsaid ?? 0;
  }
}
