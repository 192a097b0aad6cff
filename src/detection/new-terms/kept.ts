import { keptFor } from "./observe.ts";

/** How much longer than needed an entry is kept, for weirs that are behind the others. In milliseconds. */
const margin = 24 * 3_600_000;
/** Extra runs of an entry to keep, beyond those for lateness and last sightings: wrong clocks cause some. */
const spareRuns = 16;

/** What a shared history keeps of a term: how long after its last observation, in milliseconds by the store's clock, and how many runs. */
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
