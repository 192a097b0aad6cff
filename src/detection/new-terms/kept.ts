import { keptFor } from "./observe.ts";

/** How long an entry outlives what is needed of it: until then, a weir can be behind the others. In milliseconds. */
const margin = 24 * 3_600_000;
/** Runs of an entry that are kept beside those that lateness and the display of last sightings need: wrong clocks make some. */
const spareRuns = 16;

/** What a shared history keeps of a term: for how long after it was last observed, in milliseconds of the store, and how many runs. */
export const keptOf = ({
  window,
  lateness,
}: {
  readonly window: number;
  readonly lateness: number;
}): { readonly lifetime: number; readonly runs: number } => {
  const kept = keptFor(window) + lateness;
  return { lifetime: kept + margin, runs: spareRuns + Math.ceil(kept / window) };
};
