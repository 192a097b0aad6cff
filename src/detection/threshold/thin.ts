import type { Sighting, Wanted } from "./sightings.ts";

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
