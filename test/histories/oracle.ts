import { type Found, type Seen, window } from "./collector.ts";

/** A history as plain lists of sightings, in the order in which they were observed. */
export class Oracle {
  readonly #disorder: number;
  readonly #sightings = new Map<string, number[]>();
  readonly #answers = new Map<string, readonly Found[]>();

  constructor(disorder: number) {
    this.#disorder = disorder;
  }

  /** The new combinations of an event. The same event gets the same answer again. */
  observe({ id, at, user, ips }: Seen): readonly Found[] {
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
    return !seen.some((time) => time >= at - window && time <= at + this.#disorder);
  }
}
