import { timeText } from "../detection/event-time.ts";
import { decodePeriod, likelySince } from "../detection/learning/period.ts";
import type { StateRows } from "../storage/state-rows.ts";
import { entriesOf, historiesIn, horizonKey } from "./histories.ts";

/** What a data dir remembers for a component, or for one of its rules. Times are ISO 8601. */
export interface StateStats {
  readonly component: string;
  /** The id of a rule, if what is remembered is that of one. */
  readonly rule?: string;
  readonly name?: string;
  readonly entries: number;
  /** In keys and values. */
  readonly bytes: number;
  /** Of a history of new terms. */
  readonly first_seen?: string;
  readonly last_seen?: string;
  /** When the first and the last entry expire, on the time axis of the rule. */
  readonly expires?: readonly [string, string];
  /** What would have alerted. */
  readonly held_back?: { readonly learning: number; readonly baseline: number };
  readonly learns_since?: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const bytesOf = (text: string): number => Buffer.byteLength(text);

interface Sum {
  entries: number;
  bytes: number;
  first: number;
  last: number;
  seenFirst: number;
  seenLast: number;
  held?: readonly number[];
  since?: number;
}

/** Reads all of the state, which takes a while if it is large. */
export const statsOf = (rows: StateRows): readonly StateStats[] => {
  const histories = historiesIn(rows);
  const sums = new Map<string, Sum>();
  for (const space of rows.spaces()) {
    const [component = "", scope, inner] = space.split("/");
    const isRule = scope !== undefined && uuid.test(scope);
    const place = isRule ? `${component}/${scope}` : component;
    const sum = sums.get(place) ?? empty();
    sums.set(place, sum);
    for (const { key, value, expires } of rows.of(space)) {
      sum.entries++;
      sum.bytes += bytesOf(key) + bytesOf(value);
      if (expires !== undefined && !space.endsWith("/term names")) {
        sum.first = Math.min(sum.first, expires);
        sum.last = Math.max(sum.last, expires);
      }
      if ((isRule ? inner : scope) === "learning") learned(sum, key, value);
    }
  }
  for (const [space, [history]] of Map.groupBy(histories, (each) => each.space)) {
    const sum = sums.get(space) ?? empty();
    const times = new Set([horizonKey(history!.about)]);
    for (const { key, entry } of entriesOf(rows, space)) {
      if (times.has(key)) continue;
      sum.seenFirst = Math.min(sum.seenFirst, entry[0]?.[0] ?? Number.POSITIVE_INFINITY);
      sum.seenLast = Math.max(sum.seenLast, entry.at(-1)?.[1] ?? Number.NEGATIVE_INFINITY);
    }
  }
  const names = new Map(histories.map(({ space, about }) => [space, about.name]));
  return [...sums].map(([place, sum]) => asStats(place, sum, names.get(place)));
};

const empty = (): Sum => ({
  entries: 0,
  bytes: 0,
  first: Number.POSITIVE_INFINITY,
  last: Number.NEGATIVE_INFINITY,
  seenFirst: Number.POSITIVE_INFINITY,
  seenLast: Number.NEGATIVE_INFINITY,
});

const learned = (sum: Sum, key: string, value: string): void => {
  if (key === "held") sum.held = JSON.parse(value) as readonly number[];
  if (key === "period") sum.since = likelySince(decodePeriod(value)!);
};

const asStats = (place: string, sum: Sum, name: string | undefined): StateStats => {
  const [component = "", rule] = place.split("/");
  const { entries, bytes, first, last, seenFirst, seenLast, held, since } = sum;
  return {
    component,
    ...(rule !== undefined && { rule }),
    ...(name !== undefined && name !== component && { name }),
    entries,
    bytes,
    ...(seenFirst <= seenLast && { first_seen: timeOf(seenFirst), last_seen: timeOf(seenLast) }),
    ...(first <= last && { expires: [timeOf(first), timeOf(last)] as const }),
    ...(held && { held_back: { learning: held[0] ?? 0, baseline: held[1] ?? 0 } }),
    ...(since !== undefined && { learns_since: timeOf(since) }),
  };
};

/** A plugin can measure expiry by anything. */
const timeOf = (at: number): string => (Math.abs(at) <= 8.64e15 ? timeText(at) : String(at));
