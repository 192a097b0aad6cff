import type { Sighting } from "./sightings.ts";

/**
 * Leaves out what no answer can ever depend on: of the sightings at one time, all belong to a window or none, so `value` of
 * them and those with a value of their own stand for all. They are in the order of their times.
 */
export const merge = (sightings: readonly Sighting[], value: number): readonly Sighting[] => {
  const kept: Sighting[] = [];
  let time: number | undefined;
  let atThisTime = 0;
  const values = new Set<string>();
  for (const sighting of sightings) {
    if (sighting.at !== time) {
      time = sighting.at;
      atThisTime = 0;
      values.clear();
    }
    const isNeedless = atThisTime >= value && sighting.values.every((one) => values.has(one));
    if (isNeedless) {
      const last = kept.pop()!;
      kept.push({ ...last, weight: last.weight + sighting.weight });
      continue;
    }
    kept.push(sighting);
    atThisTime++;
    for (const one of sighting.values) values.add(one);
  }
  return kept;
};
