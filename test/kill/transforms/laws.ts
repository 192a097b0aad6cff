import { expect } from "vitest";
import { expectSame } from "../laws.ts";
import type { Documents, Seen, Sent } from "./sent.ts";
import { type Output, settings } from "./setup.ts";
import { endsAt, inOpenWindows, ofSeen, textOf, windowTexts } from "./windows.ts";

export interface Results {
  readonly seen: readonly Seen[];
  readonly sent: Readonly<Record<Output, Documents<Sent>>>;
}

type Law = (results: {
  readonly seen: readonly Seen[];
  readonly sent: Readonly<Record<Output, readonly Sent[]>>;
}) => void;

const byKey = <E extends { readonly key?: string }>(events: readonly E[]): Map<string, E[]> =>
  Map.groupBy(events, ({ key }) => key ?? "\0");

/** What passes is what a bucket of tokens lets through, and the summaries tell of all that did not. */
const throttled: Law = ({ seen, sent }) => {
  const { limit, every, burst } = settings.throttle;
  // In parts of a token, of which `limit` come back in a millisecond.
  const buckets = new Map<string, { level: number; at: number }>();
  const held: Seen[] = [];
  const passed = seen.filter((event) => {
    const { key = "\0", seen } = event;
    const before = buckets.get(key) ?? { level: burst * every, at: seen.at };
    const level = Math.min(burst * every, before.level + (seen.at - before.at) * limit);
    const passes = level >= every;
    buckets.set(key, { level: passes ? level - every : level, at: seen.at });
    if (!passes) held.push(event);
    return passes;
  });
  const [events, summaries] = [sent.throttled.filter(({ n }) => n !== undefined), [] as Summary[]];
  for (const one of sent.throttled) if (one["throttle"]) summaries.push(summaryOf(one));
  expect(events.map(({ n }) => n)).toEqual(passed.map(({ n }) => n));
  const told = byKey(summaries);
  for (const [key, events] of byKey(held)) expectToldOf(events, told.get(key) ?? [], every);
  expect(summaries.reduce((sum, { held }) => sum + held, 0)).toBe(held.length);
  expect(held.length).toBeGreaterThan(0);
};

interface Summary {
  readonly key?: string;
  readonly since: number;
  readonly end: number;
  readonly held: number;
}

const summaryOf = (sent: Sent): Summary => {
  type Throttle = { held_back: number; since: string; values: { key: [string?] } };
  const { held_back, since, values } = sent["throttle"] as Throttle;
  const [key] = values.key;
  const end = Date.parse(sent["@timestamp"] as string);
  return { ...(key !== undefined && { key }), since: Date.parse(since), end, held: held_back };
};

/** A summary begins with the first event that is not told of, is due after `every`, and has all events until it came. */
const expectToldOf = (held: readonly Seen[], summaries: readonly Summary[], every: number): void => {
  let at = 0;
  for (const [index, summary] of summaries.entries()) {
    expect(summary.since).toBe(held[at]!.seen.at);
    at += summary.held;
    // The last one may be that of the end, which is not waited for.
    if (index < summaries.length - 1) expect(summary.end).toBe(summary.since + every);
    expect(summary.end).toBeLessThanOrEqual(summary.since + every);
    if (at < held.length) expect(held[at]!.seen.at).toBeGreaterThanOrEqual(summary.since + every);
  }
  expect(at).toBe(held.length);
};

/** The first event of a key passes, and then the first one that is not within the window of the last that passed; without a key, all do. */
const distinct: Law = ({ seen, sent }) => {
  const until = new Map<string, number>();
  const passed = seen.filter(({ key, seen: { at } }) => {
    if (key === undefined) return true;
    if ((until.get(key) ?? 0) > at) return false;
    until.set(key, at + settings.dedupe.window);
    return true;
  });
  expect(sent.distinct.map(({ n }) => n)).toEqual(passed.map(({ n }) => n));
  expect(passed.length).toBeLessThan(seen.length);
};

const byStamp: Law = ({ seen, sent }) => {
  const span = settings.byStamp;
  const events = seen.map((event) => [event, endsAt(event.seen.at, span)] as const);
  expectSame(sent.by_stamp.map(textOf), windowTexts(events, span, ofSeen));
};

const byTime: Law = ({ seen, sent }) => {
  const events = inOpenWindows(seen, settings.byTime);
  expectSame(sent.by_time.map(textOf), windowTexts(events, settings.byTime, ofSeen));
  expect(events.some(([, ends]) => ends.length === 0)).toBe(true);
};

/** A window has its first events, up to a pause that closed it, and all that are not late if there was none. */
const byIdle: Law = ({ seen, sent }) => {
  const span = settings.byIdle;
  const counts = new Map<number, number>();
  for (const one of sent.by_idle) {
    const end = Date.parse((one["window"] as { end: string }).end);
    counts.set(end, (counts.get(end) ?? 0) + (one["count"] as number));
  }
  const hadPause = (from: number, to: number): boolean =>
    seen.slice(from, to).some((event, index) => seen[from + index + 1]!.seen.at - event.seen.at >= span.idle);
  const open = inOpenWindows(seen, span);
  const taken = new Map<number, number>();
  const lasts = new Map<number, number>();
  const events = open.map(([event, ends], index) => {
    const kept = ends.filter((end) => {
      const before = taken.get(end) ?? 0;
      if (before >= (counts.get(end) ?? 0)) {
        expect(hadPause(lasts.get(end) ?? 0, index), `event ${event.n} is late without a pause`).toBe(true);
        return false;
      }
      taken.set(end, before + 1);
      lasts.set(end, index);
      return true;
    });
    return [event, kept] as const;
  });
  expectSame(sent.by_idle.map(textOf), windowTexts(events, span, ofSeen));
};

/** A group ends with its condition, with its number of events, or before a pause. */
const reduced: Law = ({ seen, sent }) => {
  const { pause, mostEvents } = settings.reduce;
  const numbers = (one: Sent) => (Array.isArray(one["n"]) ? (one["n"] as number[]) : [one["n"] as number]);
  const groupOf = new Map(sent.reduced.flatMap((one, index) => numbers(one).map((n) => [n, index] as const)));
  const made: string[] = [];
  for (const events of byKey(seen).values()) {
    let group: Seen[] = [];
    for (const [index, event] of events.entries()) {
      group.push(event);
      const next = events[index + 1];
      const isOver = event.end === true || group.length === mostEvents;
      if (!isOver && next && groupOf.get(event.n) === groupOf.get(next.n)) continue;
      if (!isOver && next) expect(next.seen.at).toBeGreaterThanOrEqual(event.seen.at + pause);
      made.push(mergedText(group));
      group = [];
    }
  }
  expectSame(
    sent.reduced.map(({ sent: _, ...content }) => sortedText(content)),
    made,
  );
};

const mergedText = (group: readonly Seen[]): string =>
  sortedText({
    ...group[0],
    ...(group.at(-1)!.end && { end: true }),
    n: group.length === 1 ? group[0]!.n : group.map(({ n }) => n),
    v: group.reduce((sum, { v }) => sum + v, 0),
    text: group.map(({ text }) => text).join("\n"),
    reduce: { events: group.length },
  });

const sortedText = (data: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(data).sort(([a], [b]) => (a < b ? -1 : 1))));

/** A transform behind another one gets all that it sent, also what its ticks sent. */
const ofReduced: Law = ({ sent }) => {
  type Group = Sent & { readonly key?: string; readonly v: number };
  const span = settings.ofReduced;
  const events = sent.reduced.map((one) => [one as Group, endsAt(one.sent.at, span)] as const);
  expectSame(
    sent.of_reduced.map(textOf),
    windowTexts(events, span, () => ({})),
  );
};

/** Each transform's output is that of a plain loop over what it saw; what depends on when a tick came must be possible. */
export const expectTransformLaws = ({ seen, sent }: Results): void => {
  const events = {} as Record<Output, readonly Sent[]>;
  for (const [name, documents] of Object.entries(sent) as [Output, Documents<Sent>][]) {
    expect({ name, changed: documents.changed.slice(0, 5) }).toEqual({ name, changed: [] });
    events[name] = documents.events;
  }
  for (const law of [throttled, distinct, byStamp, byTime, byIdle, reduced, ofReduced]) law({ seen, sent: events });
};
