import fc from "fast-check";
import { expect, it } from "vitest";
import {
  bytesOf,
  durationMeant,
  durationOf,
  durationPattern,
  durationText,
  durationWords,
  sizeMeant,
  sizePattern,
  sizeText,
} from "./quantity.ts";

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

it.each([
  ["1w", "7d"],
  ["1m30s", "90s"],
  ["1h 30m", "90m"],
  ["5 minutes", "5m"],
  ["1.5h", "90m"],
  ["30 S", "30s"],
  ["250 msecs", "250ms"],
  ["2hrs", "2h"],
  ["5 parsecs", undefined],
  ["soon", undefined],
  ["5", undefined],
  ["1.5ms", undefined],
  ["100000w", undefined],
  ["", undefined],
])("understands %j as %s", (text, meant) => {
  expect(durationMeant(text)).toBe(meant);
});

it.each([
  ["16 MiB", "16MiB"],
  ["16mb", "16MB"],
  ["64k", "64KiB"],
  ["1.5GiB", "1536MiB"],
  ["512 bytes", "512B"],
  ["512b", "512B"],
  ["big", undefined],
  ["5ib", undefined],
  ["1.00001KB", undefined],
])("understands %j as %s", (text, meant) => {
  expect(sizeMeant(text)).toBe(meant);
});

it("understands what pipelines write as it is, and suggests nothing else", () => {
  const words = fc.constantFrom("1", "30", ".5", " ", "m", "s", "h", "w", "K", "i", "B", "min", "bytes");
  fc.assert(
    fc.property(fc.array(words, { maxLength: 6 }), (parts) => {
      const text = parts.join("");
      const duration = durationMeant(text);
      const size = sizeMeant(text);
      if (duration !== undefined) expect(duration).toMatch(new RegExp(durationPattern));
      if (size !== undefined && bytesOf(size) > 0) expect(size).toMatch(new RegExp(sizePattern));
      if (duration !== undefined && new RegExp(durationPattern).test(text))
        expect(durationOf(duration)).toBe(durationOf(text));
      if (new RegExp(sizePattern).test(text)) expect(bytesOf(size!)).toBe(bytesOf(text));
    }),
  );
});

it("takes durations of up to 1,000 years", () => {
  expect(durationOf("365000d")).toBe(365_000 * 86_400_000);
  for (const text of ["365001d", "9000000h", `${"9".repeat(30)}d`, `${"9".repeat(400)}ms`])
    expect(() => durationOf(text)).toThrow("durations are at most 365000d");
});

it.each([
  ["7d", "7 days"],
  ["1d", "24 hours"],
  ["01h", "60 minutes"],
  ["90m", "90 minutes"],
  ["250ms", "250 milliseconds"],
  ["soon", "soon"],
])("says %s in words", (text, words) => {
  expect(durationWords(text)).toBe(words);
});
