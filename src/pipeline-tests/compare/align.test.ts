import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { align, match, type Pair } from "./align.ts";

/** Two lists of small numbers; some equal. */
const lists = fc.tuple(fc.array(fc.nat(3), { maxLength: 7 }), fc.array(fc.nat(3), { maxLength: 7 }));

const matched = (pairs: readonly Pair[], matches: (i: number, j: number) => boolean): number =>
  pairs.filter(({ expected: i, actual: j }) => i !== undefined && j !== undefined && matches(i, j)).length;

const indexes = (pairs: readonly Pair[], side: keyof Pair) => pairs.flatMap((pair) => pair[side] ?? []);
const upTo = (length: number) => Array.from({ length }, (_, index) => index);

/** The length of the longest common subsequence, by trying everything. */
const longest = (a: readonly number[], b: readonly number[]): number => {
  if (a.length === 0 || b.length === 0) return 0;
  if (a[0] === b[0]) return 1 + longest(a.slice(1), b.slice(1));
  return Math.max(longest(a.slice(1), b), longest(a, b.slice(1)));
};

/** The largest number of pairs that fit, by trying everything. */
const most = (from: number, free: readonly number[], count: number, fits: (i: number, j: number) => boolean): number =>
  from === count
    ? 0
    : Math.max(
        most(from + 1, free, count, fits),
        ...free
          .filter((j) => fits(from, j))
          .map(
            (j) =>
              1 +
              most(
                from + 1,
                free.filter((k) => k !== j),
                count,
                fits,
              ),
          ),
      );

describe("align", () => {
  it("has every item once, in order, with as many matches as possible", () => {
    fc.assert(
      fc.property(lists, ([a, b]) => {
        const isMatch = (i: number, j: number) => a[i] === b[j];
        const pairs = align(a.length, b.length, isMatch);
        expect(indexes(pairs, "expected")).toEqual(upTo(a.length));
        expect(indexes(pairs, "actual")).toEqual(upTo(b.length));
        expect(matched(pairs, isMatch)).toBe(longest(a, b));
      }),
    );
  });

  it("pairs very long lists, too", () => {
    const pairs = align(20_000, 20_001, (i, j) => i === j);
    expect([pairs.length, pairs.at(-1)]).toEqual([20_001, { actual: 20_000 }]);
    expect(align(20_000, 19_999, (i, j) => i === j + 1)).toHaveLength(20_000);
  });
});

it("match has every item once, with as many matches as possible", () => {
  fc.assert(
    fc.property(lists, ([a, b]) => {
      // An entry may fit several events.
      const fits = (i: number, j: number) => (a[i]! & b[j]!) !== 0;
      const pairs = match(a.length, b.length, fits);
      expect(indexes(pairs, "expected").toSorted()).toEqual(upTo(a.length));
      expect(indexes(pairs, "actual").toSorted()).toEqual(upTo(b.length));
      expect(matched(pairs, fits)).toBe(most(0, upTo(b.length), a.length, fits));
    }),
    { numRuns: 50 },
  );
});
