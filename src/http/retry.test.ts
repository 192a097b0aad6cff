import fc from "fast-check";
import { expect, it } from "vitest";
import { backoff, retryAfter } from "./retry.ts";

const now = Date.UTC(2026, 5, 1, 10);

it.each([
  ["3", 3000],
  [" 0 ", 0],
  ["Mon, 01 Jun 2026 10:00:05 GMT", 5000],
  ["Mon, 01 Jun 2026 09:00:00 GMT", 0],
  ["-3", undefined],
  ["soon", undefined],
  ["", undefined],
  [undefined, undefined],
])("Retry-After: %s", (header, wait) => expect(retryAfter(header, now)).toBe(wait));

it("waits grow to a bound, and anything up to it may come", () => {
  const most = (attempt: number) => backoff(attempt, { first: 100, most: 1000 }, () => 1);
  expect([1, 2, 3, 4, 5, 6].map(most)).toEqual([100, 200, 400, 800, 1000, 1000]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const wait = backoff(attempt, { first: 100, most: 1000 }, () => random);
      expect(wait).toBeGreaterThanOrEqual(0);
      expect(wait).toBeLessThanOrEqual(1000);
    }),
  );
});
