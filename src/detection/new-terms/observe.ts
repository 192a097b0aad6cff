/** The time from the first to the last of some sightings, each no more than the window after the one before it. */
export type Run = readonly [first: number, last: number];

/** What is remembered of one term or combination: its runs, oldest first, more than the window apart. Never empty. */
export type Entry = readonly Run[];

export interface Observation {
  /** No sighting lies in the window that ends at this one, itself excluded; earlier means: observed before. */
  readonly isNew: boolean;
  /** The end of the latest run wholly before this sighting: when a new term was last seen. */
  readonly previous: number | undefined;
  /** What to remember from now on. */
  readonly entry: Entry;
}

/**
 * Observes a sighting at `at` against what is remembered. Exact for sightings out of order too: a sighting is known if
 * one observed before it, in whatever order, lies no more than `window` before it. All times in milliseconds.
 */
export const observe = (entry: Entry | undefined, at: number, window: number): Observation => {
  const latest = entry?.at(-1);
  if (!entry || !latest) return { isNew: true, previous: undefined, entry: [[at, at]] };
  // The way of nearly every sighting: at or after the end of the one and only run.
  if (entry.length === 1 && at >= latest[1] && at <= latest[1] + window)
    return { isNew: false, previous: latest[1] < at ? latest[1] : undefined, entry: [[latest[0], at]] };
  return {
    isNew: !entry.some(([first, last]) => first <= at && at <= last + window),
    previous: entry.findLast(([, last]) => last < at)?.[1],
    entry: join(entry, at, window),
  };
};

/** The runs with `at` among them; what it bridges becomes one. */
const join = (entry: Entry, at: number, window: number): Entry => {
  const touches = ([first, last]: Run) => first - window <= at && at <= last + window;
  const touched = entry.filter(touches);
  const first = Math.min(at, ...touched.map((run) => run[0]));
  const last = Math.max(at, ...touched.map((run) => run[1]));
  const before = entry.filter((run) => !touches(run) && run[1] < at);
  const after = entry.filter((run) => !touches(run) && run[0] > at);
  return [...before, [first, last], ...after];
};

/** How many windows longer than a run is needed for verdicts the latest one of a term is kept, to tell when it was last seen. */
const keptWindows = 4;

/** The time below which, once the oldest time that can still be judged has passed it, nothing of the entry is left. */
export const expiry = (entry: Entry, window: number): number => entry.at(-1)![1] + (1 + keptWindows) * window;

/**
 * What is left of an entry when events before `oldest` are no longer expected. A pure function of the two, so that it
 * cannot be observed whether and when expired entries were removed from the store.
 */
export const unexpired = (entry: Entry, oldest: number, window: number): Entry | undefined => {
  if (expiry(entry, window) < oldest) return undefined;
  if (entry.length === 1) return entry;
  return entry.filter(([, last], index) => index === entry.length - 1 || last + window >= oldest);
};

/** An entry as compact JSON: the ends of its runs, one after the other. */
export const encodeEntry = (entry: Entry): string => `[${entry.join(",")}]`;

export const decodeEntry = (text: string): Entry => {
  const ends = JSON.parse(text) as readonly number[];
  const entry: Run[] = [];
  for (let i = 0; i + 1 < ends.length; i += 2) entry.push([ends[i]!, ends[i + 1]!]);
  return entry;
};

/**
 * When the term was seen last before `at`: also inside a run, as far as its ends tell. `undefined` where it was never
 * seen, or where the sighting fell out of order into a run, which says no more than that it is known.
 */
export const lastSeen = ({ isNew, previous, entry }: Observation, at: number, window: number): number | undefined => {
  if (isNew || (previous !== undefined && previous >= at - window)) return previous;
  return entry.some(([, last]) => last === at) ? at : undefined;
};
