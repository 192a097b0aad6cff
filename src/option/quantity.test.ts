import { expect, it } from "vitest";
import { bytesOf, durationOf, durationText, sizeText } from "./quantity.ts";

it.each([
  ["500ms", 500],
  ["0s", 0],
  ["30s", 30_000],
  ["5m", 300_000],
  ["1h", 3_600_000],
  ["7d", 604_800_000],
])("reads %s as milliseconds", (text, milliseconds) => {
  expect(durationOf(text)).toBe(milliseconds);
});

it.each([
  ["512", 512],
  ["512B", 512],
  ["1KB", 1_000],
  ["2MB", 2_000_000],
  ["1GB", 1_000_000_000],
  ["64KiB", 65_536],
  ["16MiB", 16_777_216],
  ["1GiB", 1_073_741_824],
])("reads %s as bytes", (text, bytes) => {
  expect(bytesOf(text)).toBe(bytes);
});

it("writes a duration in the largest unit that divides it", () => {
  expect([604_800_000, 5_400_000, 250, 61_000, 0].map(durationText)).toEqual(["7d", "90m", "250ms", "61s", "0ms"]);
});

it("writes a size in the largest unit that divides it", () => {
  expect([1000, 1024, 1536, 2 ** 20, 3 * 2 ** 30].map(sizeText)).toEqual(["1000B", "1KiB", "1536B", "1MiB", "3GiB"]);
});
