import type { Seen, Sent } from "./sent.ts";

/** What the oracle needs of an event in a window. */
interface Counted {
  readonly key?: string;
  readonly v: number;
}

interface Span {
  readonly window: number;
  readonly slide: number;
}

const iso = (time: number) => new Date(time).toISOString();

/** The ends of the windows that a time is in. */
export const endsAt = (time: number, { window, slide }: Span): number[] => {
  const ends: number[] = [];
  for (let end = (Math.floor(time / slide) + 1) * slide; end - window <= time; end += slide) ends.push(end);
  return ends;
};

/** What must be sent for events that are each in the windows that end at these times, as texts. */
export const windowTexts = <E extends Counted>(
  events: readonly (readonly [event: E, ends: readonly number[]])[],
  { window }: Span,
  more: (group: readonly E[]) => object,
): string[] => {
  const groups = new Map<string, { end: number; group: E[] }>();
  for (const [event, ends] of events)
    for (const end of ends) {
      const name = `${end} ${event.key ?? "\0"}`;
      const { group } = groups.get(name) ?? groups.set(name, { end, group: [] }).get(name)!;
      group.push(event);
    }
  return [...groups.values()].map(({ end, group }) =>
    JSON.stringify({
      "@timestamp": iso(end),
      window: { start: iso(end - window), end: iso(end) },
      ...(group[0]!.key !== undefined && { key: group[0]!.key }),
      count: group.length,
      sum: group.reduce((sum, { v }) => sum + v, 0),
      ...more(group),
    }),
  );
};

export const ofSeen = (group: readonly Seen[]) => ({
  most: Math.max(...group.map(({ v }) => v)),
  mean: group.reduce((sum, { v }) => sum + v, 0) / group.length,
  kinds: new Set(group.map(({ v }) => v)).size,
  last: group.at(-1)!.n,
});

export const textOf = ({ sent: _, ...content }: Sent): string => JSON.stringify(content);

/** The events with the windows that take them: those that no event before has closed, by its time less the lateness. */
export const inOpenWindows = (
  events: readonly Seen[],
  span: Span & { readonly lateness: number },
): (readonly [event: Seen, ends: readonly number[]])[] => {
  let highest = Number.NEGATIVE_INFINITY;
  return events.map((event) => {
    const closed = highest - span.lateness;
    highest = Math.max(highest, event.time);
    return [event, endsAt(event.time, span).filter((end) => end > closed)] as const;
  });
};
