import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeEntry, encodeEntry, expiry, type HistoryEntry, lastSeen, observe, unexpired } from "./observe.ts";

const window = 10;

/** Keeps every sighting, and compares with each of them. */
class Naive {
  readonly #sightings: number[] = [];

  observe(at: number) {
    const isNew = !this.#sightings.some((seen) => seen <= at && at <= seen + window);
    const before = runs(this.#sightings).filter(([, last]) => last < at);
    const latest = Math.max(...this.#sightings.filter((seen) => seen <= at));
    this.#sightings.push(at);
    return { isNew, previous: before.at(-1)?.[1], latest };
  }

  get entry(): HistoryEntry {
    return runs(this.#sightings);
  }
}

const runs = (sightings: readonly number[]): HistoryEntry => {
  const found: [number, number][] = [];
  for (const at of sightings.toSorted((a, b) => a - b)) {
    const run = found.at(-1);
    if (run && at - run[1] <= window) run[1] = at;
    else found.push([at, at]);
  }
  return found;
};

/** Steps that often hit the edges of the window, also backwards. */
const steps = fc.array(
  fc.oneof(fc.constantFrom(0, 1, 9, 10, 11, 20, 21, -1, -9, -10, -11, -21), fc.integer({ min: -60, max: 60 })),
  {
    maxLength: 40,
  },
);

const times = steps.map((all) => {
  let at = 1000;
  return all.map((step) => (at += step));
});

describe("observe", () => {
  it("agrees with an oracle that keeps every sighting, in any order", () => {
    fc.assert(
      fc.property(times, (times) => {
        const naive = new Naive();
        let entry: HistoryEntry | undefined;
        for (const at of times) {
          const expected = naive.observe(at);
          const observation = observe(entry, at, window);
          expect({ isNew: observation.isNew, previous: observation.previous }).toEqual({
            isNew: expected.isNew,
            previous: expected.previous,
          });
          expect(observation.entry).toEqual(naive.entry);
          const last = lastSeen(observation, at, window);
          if (last !== undefined) expect(last).toBe(expected.latest);
          else if (!observation.isNew) expect(entry!.some(([first, end]) => first <= at && at < end)).toBe(true);
          entry = observation.entry;
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("counts a sighting as known after exactly one window, and as new one millisecond later", () => {
    const { entry } = observe(undefined, 100, window);
    expect(observe(entry, 110, window)).toEqual({ isNew: false, previous: 100, entry: [[100, 110]] });
    expect(observe(entry, 111, window)).toEqual({
      isNew: true,
      previous: 100,
      entry: [
        [100, 100],
        [111, 111],
      ],
    });
  });

  it("counts a sighting before all others as new, and joins it to those that follow within the window", () => {
    expect(observe([[100, 120]], 95, window)).toEqual({ isNew: true, previous: undefined, entry: [[95, 120]] });
  });

  it("joins two runs that a sighting connects", () => {
    expect(
      observe(
        [
          [100, 100],
          [115, 120],
        ],
        108,
        window,
      ).entry,
    ).toEqual([[100, 120]]);
  });
});

describe("unexpired", () => {
  it("never changes a verdict on an event within the lateness", () => {
    fc.assert(
      fc.property(times, fc.integer({ min: 0, max: 40 }), (times, lateness) => {
        let whole: HistoryEntry | undefined;
        let kept: HistoryEntry | undefined;
        let highest = Number.NEGATIVE_INFINITY;
        for (const time of times) {
          const oldest = highest - lateness;
          const at = Math.max(time, oldest);
          const expected = observe(whole, at, window);
          const observation = observe(kept && unexpired(kept, oldest, window), at, window);
          expect(observation.isNew).toBe(expected.isNew);
          whole = expected.entry;
          kept = observation.entry;
          highest = Math.max(highest, at);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("keeps a term's latest run four windows longer, to say when it was last seen", () => {
    const entry: HistoryEntry = [
      [0, 5],
      [30, 40],
    ];
    expect(unexpired(entry, 15, window)).toEqual(entry);
    expect(unexpired(entry, 16, window)).toEqual([[30, 40]]);
    expect(unexpired(entry, 90, window)).toEqual([[30, 40]]);
    expect(unexpired(entry, 91, window)).toBeUndefined();
    expect(expiry(entry, window)).toBe(90);
  });
});

it("decodes an entry as it was encoded", () => {
  const entry: HistoryEntry = [
    [1767225600000, 1767225600250],
    [1768000000000, 1768000000000],
  ];
  expect(encodeEntry(entry)).toBe("[1767225600000,1767225600250,1768000000000,1768000000000]");
  expect(decodeEntry(encodeEntry(entry))).toEqual(entry);
});
