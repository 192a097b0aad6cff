import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { amountArgument, momentArgument, workersArgument } from "./arguments.ts";

describe("a moment", () => {
  it.each([
    ["7d", { before: 7 * 86_400_000 }],
    ["90m", { before: 90 * 60_000 }],
    ["2026-01-31", { at: Date.UTC(2026, 0, 31) }],
    ["2026-01-31T12:00:00+01:00", { at: Date.UTC(2026, 0, 31, 11) }],
  ])("is %s", (text, moment) => {
    expect(momentArgument(text)).toEqual(moment);
  });

  it.each([
    "",
    "yesterday",
    "2026-02-30",
    "2026-13-01",
    "1969-12-31",
    "31.01.2026",
    "2026-01-31T12:00:00",
    "-7d",
    "7 d",
  ])("is not %j", (text) => {
    expect(() => momentArgument(text)).toThrow(/^Give a /);
  });
});

describe("an amount", () => {
  it("is a number that is 0 or more", () => {
    expect(["0", "0.5", "20"].map(amountArgument)).toEqual([0, 0.5, 20]);
    for (const text of ["", "-1", "1e9", "Infinity", ".5", "1.", "0x10"])
      expect(() => amountArgument(text)).toThrow("Give a number that is 0 or more.");
  });
});

describe("the number of workers", () => {
  it("is a number from 0 to 16, or one less than there are cores, at most 4", () => {
    expect(["0", "2", "16"].map(workersArgument)).toEqual([0, 2, 16]);
    const automatic = workersArgument("auto");
    expect(automatic).toBe(Math.min(availableParallelism() - 1, 4));
    for (const wrong of ["", "17", "-1", "1.5", "many", "1e1"])
      expect(() => workersArgument(wrong)).toThrow("Give auto, or a number of threads from 0 to 16.");
  });
});
