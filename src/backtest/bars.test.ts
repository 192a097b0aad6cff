import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { barsOf } from "./bars.ts";

const day = 86_400_000;
const from = Date.UTC(2026, 0, 1);

describe("bars", () => {
  it("have the sum of their days, within the columns, and a dot only for nothing", () => {
    fc.assert(
      fc.property(
        fc.array(fc.nat({ max: 1_000 }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 76 }),
        (counts, columns) => {
          const all = new Map(counts.map((count, index) => [from + index * day, count]));
          const to = from + (counts.length - 1) * day + 1;
          const { text, days, highest } = barsOf(all, { from, to, columns });
          expect(text.length).toBe(Math.ceil(counts.length / days));
          expect(text.length).toBeLessThanOrEqual(columns);
          const sums = Array.from(text, (_, bar) =>
            counts.slice(bar * days, (bar + 1) * days).reduce((sum, count) => sum + count, 0),
          );
          expect(highest).toBe(Math.max(...sums));
          for (const [bar, sum] of sums.entries()) {
            expect(text[bar] === "·").toBe(sum === 0);
            if (sum === highest && sum > 0) expect(text[bar]).toBe("█");
          }
        },
      ),
    );
  });

  it("begin and end with the days of the times, wherever these are in a day", () => {
    const counts = new Map([
      [from + day, 8],
      [from + 3 * day, 1],
    ]);
    expect(barsOf(counts, { from: from + 7, to: from + 4 * day - 1, columns: 80 })).toEqual({
      text: "·█·▁",
      days: 1,
      highest: 8,
    });
  });
});
