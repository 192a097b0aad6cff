/** An event of a group: its time in milliseconds, and its values of the field whose different values are counted. */
export interface PlainSighting {
  readonly at: number;
  readonly values: readonly string[];
}

export interface PlainThresholdOptions {
  readonly value: number;
  /** How many different values; 0 if they are not counted. */
  readonly cardinality: number;
  /** In milliseconds, both. */
  readonly window: number;
  readonly lateness: number;
}

/** Where an alert's events begin and end, in milliseconds, and how many they are. */
export interface PlainAlert {
  readonly from: number;
  readonly to: number;
  readonly count: number;
}

/** A group in words of the definition: all events so far, and all windows that end at one of them and contain the new one. */
export class PlainThreshold {
  #sightings: PlainSighting[] = [];
  #alerted = Number.NEGATIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;
  readonly #options: PlainThresholdOptions;

  constructor(options: PlainThresholdOptions) {
    this.#options = options;
  }

  /** The time after which nothing of the group can be part of an alert any more. */
  get end(): number {
    return this.#newest + this.#options.window + this.#options.lateness;
  }

  add(added: PlainSighting): PlainAlert | undefined {
    const { value, cardinality, window, lateness } = this.#options;
    if (added.at <= this.#alerted) return undefined;
    this.#newest = Math.max(this.#newest, added.at);
    const oldest = this.#newest - window - lateness;
    this.#sightings = [...this.#sightings, added].filter(({ at }) => at >= oldest).sort((a, b) => a.at - b.at);
    const times = this.#sightings.map(({ at }) => at);
    const ends = new Set(times.filter((at) => at >= added.at && at <= added.at + window));
    for (const to of ends) {
      const inside = this.#sightings.filter(({ at }) => to - window <= at && at <= to);
      if (inside.length < value) continue;
      if (cardinality > 0 && new Set(inside.flatMap(({ values }) => values)).size < cardinality) continue;
      this.#alerted = to;
      this.#sightings = this.#sightings.filter(({ at }) => at > to);
      return { from: inside[0]!.at, to, count: inside.length };
    }
    return undefined;
  }
}
