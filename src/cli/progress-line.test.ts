import { expect, it, vi } from "vitest";
import type { Stats } from "../runtime/stats.ts";
import { ProgressLine, progressOf, progressText } from "./progress-line.ts";

const mebibyte = 1024 * 1024;

it("says how much is read, how fast, and how long the rest takes", () => {
  const sample = (seconds: number, read: number) => ({
    at: 1000 * seconds,
    bytes: read * mebibyte,
    total: 1000 * mebibyte,
  });
  expect(progressText([sample(0, 100)])).toBe("reading: 10 %, 100.0 MiB of 1000.0 MiB");
  expect(progressText([sample(0, 100), sample(1, 300), sample(4, 500)])).toBe(
    "reading: 50 %, 500.0 MiB of 1000.0 MiB, 100.0 MiB/s, 5s left",
  );
  expect(progressText([sample(0, 999), sample(4, 999)])).toBe("reading: 99 %, 999.0 MiB of 1000.0 MiB, 0 bytes/s");
});

const statsOf = (...progress: readonly (readonly [bytes: number, total: number] | undefined)[]): Stats => {
  const components = progress.map((one, index) => [
    index,
    one ? { component_progress_bytes: one[0], component_progress_total_bytes: one[1] } : {},
  ]);
  return { components: Object.fromEntries(components) } as Stats;
};

it("adds up the sources that say how far they are", () => {
  expect(progressOf(statsOf([1, 10], undefined, [5, 20]), 7)).toEqual({ bytes: 6, total: 30, at: 7 });
  expect(progressOf(statsOf(undefined), 7)).toBeUndefined();
  expect(progressOf(statsOf([0, 0], [Number.NaN, Number.NaN]), 7)).toBeUndefined();
});

it("is erased for what is printed after it, when all is read, and at the end", () => {
  vi.useFakeTimers();
  try {
    let written = "";
    let stats: Stats | undefined = statsOf([10, 100]);
    const line = new ProgressLine(
      (text) => {
        written += text;
      },
      () => 20,
    );
    const shownAfter = (time: number) => {
      written = "";
      vi.advanceTimersByTime(time);
      return written;
    };
    line.erase();
    line.start(() => stats);
    expect(written).toBe("");
    const drawn = "\r\u001b[2Kreading: 10 %, 10 …";
    expect(shownAfter(500)).toBe(drawn);
    line.erase();
    line.erase();
    expect(written).toBe(`${drawn}\r\u001b[2K`);
    expect(shownAfter(500)).toBe(drawn);
    stats = statsOf([100, 100]);
    expect(shownAfter(500)).toBe("\r\u001b[2K");
    expect(shownAfter(500)).toBe("");
    stats = statsOf([10, 100]);
    shownAfter(500);
    stats = undefined;
    expect(shownAfter(500)).toBe("\r\u001b[2K");
    stats = statsOf([10, 100]);
    shownAfter(500);
    written = "";
    line.end();
    expect(written).toBe("\r\u001b[2K");
    expect(shownAfter(5000)).toBe("");
  } finally {
    vi.useRealTimers();
  }
});
