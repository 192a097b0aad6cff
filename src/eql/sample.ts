import { compareBytes } from "../fields/byte-order.ts";
import type { Guard } from "../guard/guard.ts";
import type { Data } from "../json.ts";
import type { EqlCondition } from "./condition.ts";
import type { AccessOf } from "./fields.ts";
import { compileFilter } from "./filter.ts";
import { guardOfFilters } from "./guard.ts";
import { compileKeys, type JoinKey } from "./keys.ts";
import type { EqlSample } from "./node.ts";
import { compareValues, textOf, type Value } from "./value.ts";

/** A sample query, compiled. */
export interface CompiledSample {
  readonly type: "sample";
  /** How many events a sample has. */
  readonly count: number;
  /** The fields by which events are joined; of those that differ, the ones of the first event. */
  readonly by: readonly string[];
  /** For each key that an event has, the places that it can take in a sample. */
  readonly hits: (data: Data) => readonly SampleHit[];
  /** What must hold so that an event can have a place, or be one for which `hits` throws. */
  readonly guard: Guard;
}

export interface SampleHit {
  readonly key: JoinKey;
  readonly places: readonly number[];
}

interface Item {
  readonly isTrue: EqlCondition;
  readonly keys: (data: Data) => readonly JoinKey[];
}

export const compileSample = ({ by, items }: EqlSample, access: AccessOf, category: string): CompiledSample => {
  const compiled = items.map(
    (item): Item => ({
      isTrue: compileFilter(item.filter, access, category),
      keys: compileKeys([...by, ...item.by], access),
    }),
  );
  return {
    type: "sample",
    count: items.length,
    by: [...by, ...items[0]!.by].map(({ name }) => name),
    guard: guardOfFilters(
      items.map(({ filter }) => filter),
      access,
      category,
    ),
    hits: (data) => {
      const hits = new Map<string, { key: JoinKey; places: number[] }>();
      for (const [place, { isTrue, keys }] of compiled.entries()) {
        if (!isTrue(data)) continue;
        for (const key of keys(data)) {
          const hit = hits.get(key.text) ?? { key, places: [] };
          hits.set(key.text, hit);
          hit.places.push(place);
        }
      }
      return [...hits.values()];
    },
  };
};

/**
 * The events of one key that make a sample: for each place its first candidates, of which as many are kept as a sample has
 * places. It can be kept between events: it is JSON if the events are.
 */
export type Candidates<Event> = readonly (readonly Event[])[];

/** The candidates with another event, which comes after them. */
export const withCandidate = <Event>(
  candidates: Candidates<Event> | undefined,
  { places }: SampleHit,
  event: Event,
  count: number,
): Candidates<Event> => {
  const known = candidates ?? Array.from({ length: count }, () => []);
  return known.map((events, place) => (places.includes(place) && events.length < count ? [...events, event] : events));
};

/** A different event for each place, the first that are possible; `undefined` if there are too few. */
export const sampleOf = <Event>(candidates: Candidates<Event>): readonly Event[] | undefined => {
  const chosen: Event[] = [];
  const choose = (place: number): boolean => {
    if (place === candidates.length) return true;
    for (const event of candidates[place]!) {
      if (chosen.includes(event)) continue;
      chosen.push(event);
      if (choose(place + 1)) return true;
      chosen.pop();
    }
    return false;
  };
  return choose(0) ? chosen : undefined;
};

/** The order of keys in which Elasticsearch lists samples: ascending, and null first. */
export const compareKeys = (a: JoinKey, b: JoinKey): number => {
  for (const [index, value] of a.values.entries()) {
    const order = compareParts(value, b.values[index]!);
    if (order !== 0) return order;
  }
  return 0;
};

const compareParts = (a: Value, b: Value): number => {
  if (a === null || b === null) return Number(b === null) - Number(a === null);
  return compareValues(a, b) ?? compareBytes(textOf(a), textOf(b));
};
