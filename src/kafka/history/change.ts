import type { HistoryEntry, Run } from "../../detection/new-terms/observe.ts";

/** The format of the records. */
const format = 1;
/** The most keys in a record: an event has at most 101 combinations of up to three values. */
const mostKeys = 1_000;

interface Owned {
  /** Whose history it is: ids of the component and of the rule, with a slash. */
  readonly owner: string;
  readonly keys: readonly string[];
  /** In milliseconds, like all times here. */
  readonly window: number;
  readonly lateness: number;
}

/** An event that may be new. What comes before it in the topic decides whether it is. */
export interface Claim extends Owned {
  /** The name of the event and its keys. */
  readonly once: string;
  readonly at: number;
  readonly disorder: number;
}

/** Later sightings of known keys. It contains everything that its writer knows of the keys, so it replaces the writer's earlier ones. */
export interface Refresh extends Owned {
  /** One for each key. */
  readonly entries: readonly HistoryEntry[];
}

/** The value of a record, with which weirs inform each other. */
export type Change = Claim | Refresh;

export const isClaim = (change: Change): change is Claim => "once" in change;

export const encodeChange = (change: Change): Buffer => {
  const { owner: o, keys: k, window: w, lateness: l } = change;
  const own = { v: format, o, w, l, k };
  const more = isClaim(change)
    ? { n: change.once, t: change.at, d: change.disorder }
    : { e: change.entries.map((entry) => entry.flat()) };
  return Buffer.from(JSON.stringify({ ...own, ...more }));
};

/** The change in a record; `undefined` if there is none, or if another version of weir wrote it in another format. */
export const decodeChange = (bytes: Buffer): Change | undefined => {
  try {
    const {
      v,
      o: owner,
      w: window,
      l: lateness,
      k: keys,
      n: once,
      t: at,
      d: disorder,
      e: ends,
    } = JSON.parse(bytes.toString()) as Readonly<Record<string, unknown>>;
    if (v !== format || !isText(owner) || !isLength(window) || window === 0 || !isLength(lateness)) return undefined;
    if (!Array.isArray(keys) || keys.length === 0 || keys.length > mostKeys || !keys.every(isText)) return undefined;
    const own = { owner, keys, window, lateness };
    if (isText(once) && isTime(at) && isLength(disorder)) return { ...own, once, at, disorder };
    if (!Array.isArray(ends) || ends.length !== keys.length) return undefined;
    const entries = ends.map(entryOf);
    return entries.every((entry) => entry !== undefined) ? { ...own, entries } : undefined;
  } catch {
    return undefined;
  }
};

const isText = (value: unknown): value is string => typeof value === "string";
const isTime = (value: unknown): value is number => Number.isSafeInteger(value);
const isLength = (value: unknown): value is number => isTime(value) && value >= 0;

const entryOf = (ends: unknown): HistoryEntry | undefined => {
  if (!Array.isArray(ends) || ends.length === 0 || ends.length % 2 !== 0 || !ends.every(isTime)) return undefined;
  const entry: Run[] = [];
  for (let i = 0; i < ends.length; i += 2) entry.push([ends[i]!, ends[i + 1]!]);
  return entry.every(([first, last]) => first <= last) ? entry : undefined;
};
