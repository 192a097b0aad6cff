import fc from "fast-check";
import { expect, it } from "vitest";
import { halfFloatOf, scaledOf } from "./floats.ts";

/** The slow and plain way: the nearest of all numbers of 16 bits, and of two the one with the even last bit. */
const halves = Array.from({ length: 0x7c00 }, (_none, bits) => {
  const [exponent, rest] = [bits >> 10, bits & 0x3ff];
  return exponent === 0 ? rest * 2 ** -24 : (1024 + rest) * 2 ** (exponent - 25);
});
const nearest = (value: number): number => {
  let best = 0;
  for (let bits = 1; bits < halves.length; bits++) {
    const [now, then] = [Math.abs(halves[bits]! - value), Math.abs(halves[best]! - value)];
    if (now < then || (now === then && bits % 2 === 0)) best = bits;
  }
  return halves[best]!;
};

it("rounds to 16 bits", () => {
  const value = fc.oneof(
    fc.double({ min: 0, max: 65_504, noNaN: true }),
    fc.double({ min: 0, max: 1e-4, noNaN: true }),
  );
  fc.assert(
    fc.property(fc.oneof(value, fc.nat(8_192)), (size) => {
      expect(halfFloatOf(size)).toBe(nearest(size));
      expect(halfFloatOf(-size)).toBe(-nearest(size));
    }),
    { numRuns: 50 },
  );
  expect([halfFloatOf(65_519), halfFloatOf(65_520), halfFloatOf(-1e300)]).toEqual([65_504, Infinity, -Infinity]);
});

it("keeps three digits after the point of a scaled float", () => {
  expect([0.12345, 0.1235, -0.5, 7].map(scaledOf)).toEqual([0.123, 0.124, -0.5, 7]);
});
