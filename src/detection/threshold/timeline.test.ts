import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { endsThatGain } from "./gains.ts";
import { merge } from "./merge.ts";
import type { Sighting } from "./sightings.ts";
import { PlainThreshold } from "./testing/plain-threshold.ts";
import { Timeline } from "./timeline.ts";

const window = 20;

/** Some values are frequent, others are rare. */
const values = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(["a"], ["b"]) },
  { weight: 2, arbitrary: fc.constantFrom(["c"], ["a", "c"], []) },
  { weight: 2, arbitrary: fc.constantFrom(["d"], ["e"], ["d", "e"], ["c", "d", "e"], ["a", "b", "c", "d"]) },
);

/** In any order: most of them are late, and often by more than a window. */
const sightings = (most: number) =>
  fc.array(
    fc.record({ at: fc.nat(70), values }).map((each): Sighting => ({ ...each, weight: 1 })),
    { minLength: most / 2, maxLength: most, size: "max" },
  );

const numRuns = process.env["WEIR_LONG"] ? 10_000 : 500;

describe("a timeline", () => {
  it("reaches what a plain loop over all windows does, in any order", () => {
    let found = 0;
    const wanted = fc.record({ value: fc.integer({ min: 1, max: 25 }), cardinality: fc.integer({ min: 3, max: 5 }) });
    fc.assert(
      fc.property(sightings(120), wanted, (added, { value, cardinality }) => {
        const plain = new PlainThreshold({ value, cardinality, window, lateness: 100 });
        const timeline = new Timeline();
        let alerted = Number.NEGATIVE_INFINITY;
        for (const sighting of added) {
          const expected = plain.add(sighting);
          if (sighting.at <= alerted) continue;
          const reached = timeline.reached(timeline.add(sighting), { value, cardinality, window });
          expect(reached && { from: reached.first, to: reached.last, count: reached.count }).toEqual(expected);
          if (!reached) continue;
          found++;
          alerted = reached.last;
          timeline.leaveOutFirst(timeline.upTo(alerted));
        }
      }),
      { numRuns },
    );
    expect(found).toBeGreaterThan(numRuns / 2);
  });

  it("knows all windows in which a late sighting has a value that no other one has", () => {
    fc.assert(
      fc.property(sightings(60), fc.nat(59), (unsorted, chosen) => {
        const all = unsorted.toSorted((a, b) => a.at - b.at);
        const { at } = all[chosen % all.length]!;
        const place = all.findLastIndex((each) => each.at === at);
        const ends = endsThatGain({ length: all.length, at: (index) => all[index]! }, place, window);
        for (const { at: end } of all.filter((each) => each.at >= at && each.at <= at + window)) {
          const others = all.filter((each, index) => index !== place && each.at >= end - window && each.at <= end);
          const known = new Set(others.flatMap((each) => each.values));
          const isGain = all[place]!.values.some((value) => !known.has(value));
          expect(isGain && (end <= ends.after || end >= ends.before)).toBe(false);
        }
      }),
      { numRuns },
    );
  });

  it("merges only sightings at one time that nothing depends on", () => {
    let fewer = 0;
    fc.assert(
      fc.property(sightings(300), fc.integer({ min: 1, max: 4 }), (unsorted, value) => {
        const all = unsorted.toSorted((a, b) => a.at - b.at);
        const merged = merge(all, value);
        fewer += all.length - merged.length;
        for (let at = 0; at <= 70; at++) {
          const [before, after] = [all, merged].map((list) => list.filter((each) => each.at === at));
          const weightOf = (list: readonly Sighting[]) => list.reduce((sum, { weight }) => sum + weight, 0);
          const valuesOf = (list: readonly Sighting[]) => new Set(list.flatMap((each) => each.values));
          expect(weightOf(after!)).toBe(weightOf(before!));
          expect(valuesOf(after!)).toEqual(valuesOf(before!));
          expect(Math.min(value, after!.length)).toBe(Math.min(value, before!.length));
        }
      }),
      { numRuns: numRuns / 5 },
    );
    expect(fewer).toBeGreaterThan(numRuns);
  });
});
