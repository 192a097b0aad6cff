import fc from "fast-check";
import { expect, it } from "vitest";
import { backoff } from "./backoff.ts";

const limits = fc
  .tuple(fc.integer({ min: 1, max: 60_000 }), fc.integer({ min: 1, max: 3_600_000 }))
  .map(([initial, max]) => ({ initial, max }));
const failures = fc.integer({ min: 1, max: 5000 });
const fraction = fc.double({ min: 0, max: 1, noNaN: true });
const atLeast = fc.option(fc.nat(7_200_000), { nil: undefined });

/** The limit of a wait, computed one failure at a time. */
const limitAfter = (failures: number, { initial, max }: { readonly initial: number; readonly max: number }): number => {
  let limit = initial;
  for (let count = 1; count < failures && limit < max; count++) limit *= 2;
  return Math.min(limit, max);
};

it("doubles from initial to max when random() is 1", () => {
  const wait = (failures: number) => backoff(failures, { initial: 100, max: 1000 }, { random: () => 1 });
  expect([1, 2, 3, 4, 5, 6].map(wait)).toEqual([100, 200, 400, 800, 1000, 1000]);
});

it("is a random share of the limit, in whole milliseconds", () => {
  fc.assert(
    fc.property(failures, limits, fraction, (failures, limits, share) => {
      const wait = backoff(failures, limits, { random: () => share });
      expect(wait).toBe(Math.ceil(share * limitAfter(failures, limits)));
    }),
  );
});

it("waits at least as long as the receiver asks for, and at most that or the limit", () => {
  fc.assert(
    fc.property(failures, limits, fraction, atLeast, (failures, limits, share, atLeast) => {
      const jitter = backoff(failures, limits, { random: () => share });
      expect(backoff(failures, limits, { random: () => share, atLeast })).toBe(Math.max(jitter, atLeast ?? 0));
    }),
  );
});

it("uses all of the range with its own random numbers", () => {
  const waits = Array.from({ length: 500 }, () => backoff(4, { initial: 1000, max: 30_000 }));
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...waits)).toBeLessThanOrEqual(8000);
  expect(new Set(waits.map((wait) => Math.floor(wait / 2001))).size).toBe(4);
});
