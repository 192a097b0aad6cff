import type { Clock } from "../clock.ts";

/** Time between two messages with the same key, in milliseconds. */
const interval = 60_000;

/** The end of a message, with the number of times that it was suppressed. */
export const andMore = (unsaid: number): string =>
  unsaid > 0 ? `, and ${unsaid} more since the last such message` : "";

/** Keeps a log readable when something repeats: each key is due once a minute at most, and counted in between. */
export class Seldom {
  readonly #clock: Clock;
  readonly #said = new Map<string, { readonly at: number; unsaid: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** If a message is due now, the number of times that it was suppressed since the last one. Every key is kept: use few. */
  ask(key: string): number | undefined {
    const last = this.#said.get(key);
    const now = this.#clock.monotonic();
    if (last && now - last.at < interval) {
      last.unsaid++;
      return undefined;
    }
    this.#said.set(key, { at: now, unsaid: 0 });
    return last?.unsaid ?? 0;
  }
}
