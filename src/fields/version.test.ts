import fc from "fast-check";
import { expect, it } from "vitest";
import { versionOrder } from "./version.ts";

const ordered = [
  "0.9",
  "1.0.0-1",
  "1.0.0-alpha",
  "1.0.0-alpha.1",
  "1.0.0-alpha.9",
  "1.0.0-alpha.10",
  "1.0.0-beta",
  "1.0.0",
  "1.0.0+build",
  "1.9.0",
  "1.10.0",
  "20.0.0",
  "99999999999999999999.0.0",
  "1.x",
  "latest",
];

it("has the order of Semantic Versioning; what is not a version comes last", () => {
  const index = fc.nat(ordered.length - 1);
  fc.assert(
    fc.property(index, index, (a, b) => {
      expect(Math.sign(versionOrder(ordered[b]!)(ordered[a]!))).toBe(Math.sign(a - b));
    }),
  );
});

it("reads long texts in linear time", () => {
  const order = versionOrder("1.0.0");
  expect(order("1.".repeat(500_000))).toBeGreaterThan(0);
  expect(order("0".repeat(1_000_000))).toBeLessThan(0);
});
