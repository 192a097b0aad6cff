/** The time from the first to the last sighting of a series in which each follows the one before within the window. */
export type Run = readonly [first: number, last: number];

/** What is remembered of one term or combination: its runs, oldest first, and more than the window apart. Never empty. */
export type HistoryEntry = readonly Run[];

export interface Observation {
  /** No sighting that was observed before this one lies in the window that ends at it. */
  readonly isNew: boolean;
  /** The end of the latest run that ends before this sighting: when a new term was last seen. */
  readonly previous: number | undefined;
  /** What to remember from now on. */
  readonly entry: HistoryEntry;
}

/**
 * Compares a sighting at `at` with what is remembered. This is exact for sightings out of order, too: a sighting is known
 * if any sighting observed earlier lies at most `window` before it, or at most `disorder` after it. All times are in milliseconds.
 */
export const observe = (
  entry: HistoryEntry | undefined,
  at: number,
  window: number,
  disorder: number = 0,
): Observation => {
  const latest = entry?.at(-1);
  if (!entry || !latest) return { isNew: true, previous: undefined, entry: [[at, at]] };
  // The usual case: the sighting is at or after the end of the only run.
  if (entry.length === 1 && at >= latest[1] && at <= latest[1] + window)
    return { isNew: false, previous: latest[1] < at ? latest[1] : undefined, entry: [[latest[0], at]] };
  return {
    isNew: !entry.some(([first, last]) => first - disorder <= at && at <= last + window),
    previous: entry.findLast(([, last]) => last < at)?.[1],
    entry: joined(entry, [at, at], window),
  };
};

/** Adds a run to the runs, and joins those that it connects. */
export const joined = (entry: HistoryEntry, [from, to]: Run, window: number): HistoryEntry => {
  const touches = ([first, last]: Run) => first - window <= to && from <= last + window;
  const touched = entry.filter(touches);
  const first = Math.min(from, ...touched.map((run) => run[0]));
  const last = Math.max(to, ...touched.map((run) => run[1]));
  const before = entry.filter((run) => !touches(run) && run[1] < from);
  const after = entry.filter((run) => !touches(run) && run[0] > to);
  return [...before, [first, last], ...after];
};

/** For how many more windows than verdicts need the latest run of a term is kept, to say when it was last seen. */
const keptWindows = 4;

/** How long an entry is kept after its last sighting, in milliseconds. */
export const keptFor = (window: number): number => (1 + keptWindows) * window;

/** When the entry expires: nothing of it is left once the oldest time that can still be judged is later than this. */
export const expiry = (entry: HistoryEntry, window: number): number => entry.at(-1)![1] + keptFor(window);

/**
 * What is left of an entry when events before `oldest` are no longer expected. This depends on the two alone, so it
 * makes no difference whether and when the store removed expired entries.
 */
export const unexpired = (entry: HistoryEntry, oldest: number, window: number): HistoryEntry | undefined => {
  if (expiry(entry, window) < oldest) return undefined;
  if (entry.length === 1) return entry;
  return entry.filter(([, last], index) => index === entry.length - 1 || last + window >= oldest);
};

/** An entry as compact JSON: the starts and ends of its runs, in one list. */
export const encodeEntry = (entry: HistoryEntry): string =>
  entry.length === 1 ? `[${entry[0]![0]},${entry[0]![1]}]` : `[${entry.join(",")}]`;

export const decodeEntry = (text: string): HistoryEntry => {
  const ends = JSON.parse(text) as readonly number[];
  const entry: Run[] = [];
  for (let i = 0; i + 1 < ends.length; i += 2) entry.push([ends[i]!, ends[i + 1]!]);
  return entry;
};

/**
 * When the term was last seen before `at`, also within a run, as far as its ends show. `undefined` if it was never seen,
 * or if the sighting came out of order and lies within a run, which shows only that the term is known.
 */
export const lastSeen = ({ isNew, previous, entry }: Observation, at: number, window: number): number | undefined => {
  if (isNew || (previous !== undefined && previous >= at - window)) return previous;
  return entry.some(([, last]) => last === at) ? at : undefined;
};
