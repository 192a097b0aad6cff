import type { Event } from "../event.ts";

/** One way to cut events: for each instance of the operator, its batches. */
export interface Cut {
  readonly name: string;
  readonly instances: readonly (readonly (readonly Event[])[])[];
}

/** The largest number of starts of the operator in the last cut. */
const mostStarts = 20;

/** Four cuts: one event per batch, all events in one batch, random batches, and random batches with restarts in between. */
export const cutsOf = (events: readonly Event[], seed: number): readonly Cut[] => {
  const random = randomOf(seed);
  const starts = Math.min(events.length, mostStarts);
  const place = (start: number) => Math.round((start * events.length) / starts);
  const slices = Array.from({ length: starts }, (_, start) => events.slice(place(start), place(start + 1)));
  return [
    { name: "one event a batch", instances: [events.map((event) => [event])] },
    { name: "all events in one batch", instances: [[events]] },
    { name: `batches cut at random, seed ${seed}`, instances: [atRandom(events, random)] },
    { name: `started ${starts} times`, instances: slices.map((slice) => atRandom(slice, random)) },
  ];
};

const atRandom = (events: readonly Event[], random: () => number): (readonly Event[])[] => {
  const batches: Event[][] = [];
  for (const event of events) {
    if (batches.length === 0 || random() < 0.4) batches.push([]);
    batches.at(-1)!.push(event);
  }
  return batches;
};

/** A seeded generator of numbers, uniform in [0, 1) (mulberry32). */
const randomOf = (seed: number): (() => number) => {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
};
