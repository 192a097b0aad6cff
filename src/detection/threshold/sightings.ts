/** An event of a group: its time in milliseconds since 1970, how many events it stands for, and its values to count. */
export interface Sighting {
  readonly at: number;
  /** More than 1 only if others were left out because they made no difference; see `thin`. */
  readonly weight: number;
  /** Fingerprints of the values of the field whose different values are counted; none without such a field. */
  readonly values: readonly string[];
}

/** What a window must hold. */
export interface Wanted {
  /** How many events. */
  readonly value: number;
  /** How many different values among them; 0 if values are not counted. */
  readonly cardinality: number;
  /** The length of the window in milliseconds; both ends belong to it. */
  readonly window: number;
}

/** A window that holds what is wanted. */
export interface Reached {
  /** The times of its first and last event. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** How many different values. */
  readonly distinct: number;
}

/** The sightings with one more, in the order of their times; among equal times the new one is last. */
export const withSighting = (sightings: readonly Sighting[], added: Sighting): readonly Sighting[] => {
  let index = sightings.length;
  while (index > 0 && sightings[index - 1]!.at > added.at) index--;
  return sightings.toSpliced(index, 0, added);
};

/**
 * The earliest window that holds what is wanted and contains the time `at`. The windows that end at an event are enough:
 * every other one holds no more than one of these.
 */
export const reached = (sightings: readonly Sighting[], at: number, wanted: Wanted): Reached | undefined => {
  const { value, cardinality, window } = wanted;
  if (sightings.length < value) return undefined;
  const counts = new Map<string, number>();
  let first = 0;
  for (let last = 0; last < sightings.length; last++) {
    const end = sightings[last]!.at;
    if (end > at + window) return undefined;
    for (const each of sightings[last]!.values) counts.set(each, (counts.get(each) ?? 0) + 1);
    for (; sightings[first]!.at < end - window; first++)
      for (const each of sightings[first]!.values) {
        const left = counts.get(each)! - 1;
        if (left === 0) counts.delete(each);
        else counts.set(each, left);
      }
    // Of events at the same time, all belong to the window.
    if (end < at || sightings[last + 1]?.at === end) continue;
    if (last - first + 1 < value || counts.size < cardinality) continue;
    const count = sightings.slice(first, last + 1).reduce((sum, { weight }) => sum + weight, 0);
    return { first: sightings[first]!.at, last: end, count, distinct: counts.size };
  }
  return undefined;
};

/**
 * Leaves out what makes no difference to any window: a sighting with enough others, of all its values too, in the half
 * window up to it and in the half window from it on, because every window with it has one of the two. What is left is
 * bounded by `wanted` and the time that it spans, however many events there are.
 */
export const thin = (sightings: readonly Sighting[], { value, window }: Wanted): readonly Sighting[] => {
  const half = window / 2;
  const kept: Sighting[] = [];
  const [before, after] = [new Tally(), new Tally()];
  let oldest = 0;
  let newest = 0;
  let extra = 0;
  for (const sighting of sightings) {
    const { at, values } = sighting;
    for (; newest < sightings.length && sightings[newest]!.at <= at + half; newest++) after.add(sightings[newest]!);
    after.remove(sighting);
    for (; oldest < kept.length && kept[oldest]!.at < at - half; oldest++) before.remove(kept[oldest]!);
    const isNeedless = before.hasAll(values, value) && after.hasAll(values, value);
    if (isNeedless) {
      extra += sighting.weight;
      continue;
    }
    const whole = extra === 0 ? sighting : { ...sighting, weight: sighting.weight + extra };
    extra = 0;
    kept.push(whole);
    before.add(whole);
  }
  return kept;
};

/** Counts sightings and their values. */
class Tally {
  #count = 0;
  readonly #values = new Map<string, number>();

  add({ values }: Sighting): void {
    this.#count++;
    for (const value of values) this.#values.set(value, (this.#values.get(value) ?? 0) + 1);
  }

  remove({ values }: Sighting): void {
    this.#count--;
    for (const value of values) this.#values.set(value, (this.#values.get(value) ?? 0) - 1);
  }

  hasAll(values: readonly string[], least: number): boolean {
    return this.#count >= least && values.every((value) => (this.#values.get(value) ?? 0) > 0);
  }
}
