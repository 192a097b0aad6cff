import { type Found, type Seen, window } from "./collector.ts";

/** A history as plain lists of sightings, in the order in which they were observed. */
export class Oracle {
  readonly #disorder: number;
  readonly #step: number;
  readonly #sightings = new Map<string, number[]>();
  readonly #answers = new Map<string, readonly Found[]>();

  /** `step`: what times are rounded down to, and the window up. */
  constructor(disorder: number, step = 1) {
    this.#disorder = disorder;
    this.#step = step;
  }

  /** The new combinations of an event. The same event gets the same answer again. */
  observe({ id, at: exact, user, ips }: Seen): readonly Found[] {
    const at = Math.floor(exact / this.#step) * this.#step;
    const known = this.#answers.get(id);
    if (known) return known;
    const distinct = [...new Set(ips)];
    const found = distinct
      .filter((ip) => this.#isNew(`${user} ${ip}`, at))
      .map((ip) => [[user, this.#isNew(user, at)] as const, [ip, this.#isNew(ip, at)] as const]);
    if (distinct.length > 0)
      for (const key of [user, ...distinct, ...distinct.map((ip) => `${user} ${ip}`)])
        this.#sightings.set(key, [...(this.#sightings.get(key) ?? []), at]);
    this.#answers.set(id, found);
    return found;
  }

  #isNew(key: string, at: number): boolean {
    const seen = this.#sightings.get(key) ?? [];
    const whole = Math.ceil(window / this.#step) * this.#step;
    return !seen.some((time) => time >= at - whole && time <= at + this.#disorder);
  }
}
