import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileKql } from "../index.ts";

const now = Date.parse("2026-03-15T12:30:00Z");
const matches = (kql: string, at: unknown, type: "date" | "date_nanos" = "date") =>
  compileKql(kql, { fields: { at: type } })({ at }, now);

describe("a date", () => {
  const time = fc.integer({ min: -2e12, max: 4e12 });
  const spellings = [
    (at: number) => new Date(at).toISOString(),
    (at: number) => at,
    (at: number) => String(at),
    (at: number) => new Date(at + 7_200_000).toISOString().replace("Z", "+02:00"),
  ];

  it("compares as a time, however it is written", () => {
    const spelling = fc.constantFrom(...spellings);
    fc.assert(
      fc.property(time, time, spelling, spelling, (value, limit, of, toLimit) => {
        // Four digits alone are a year.
        fc.pre(/^-|\d{5}/.test(String(value)) && /^-|\d{5}/.test(String(limit)));
        const literal = JSON.stringify(String(toLimit(limit)));
        expect(matches(`at < ${literal}`, of(value))).toBe(value < limit);
        expect(matches(`at <= ${literal}`, of(value))).toBe(value <= limit);
        expect(matches(`at > ${literal}`, of(value))).toBe(value > limit);
        expect(matches(`at >= ${literal}`, of(value))).toBe(value >= limit);
        expect(matches(`at:${literal}`, of(value))).toBe(value === limit);
      }),
    );
  });

  it("covers its unit when it is coarse", () => {
    const units = ["y", "M", "d", "h", "m", "s"];
    const lengths = [4, 7, 10, 13, 16, 19];
    fc.assert(
      fc.property(time, time, fc.nat(5), (value, limit, unit) => {
        const part = (at: number) => new Date(at).toISOString().slice(0, lengths[unit]);
        const value0 = new Date(value).toISOString();
        const same = part(value) === part(limit);
        const before = value < limit;
        for (const literal of [`"${part(limit)}"`, `"${new Date(limit).toISOString()}||/${units[unit]}"`]) {
          expect(matches(`at:${literal}`, value0)).toBe(same);
          expect(matches(`at < ${literal}`, value0)).toBe(before && !same);
          expect(matches(`at <= ${literal}`, value0)).toBe(before || same);
          expect(matches(`at > ${literal}`, value0)).toBe(!before && !same);
          expect(matches(`at >= ${literal}`, value0)).toBe(!before || same);
        }
      }),
    );
  });

  it.each([
    ["at >= now-7d/d", "2026-03-08T00:00:00Z", true],
    ["at >= now-7d/d", "2026-03-07T23:59:59.999Z", false],
    ["at > now-1d/d", "2026-03-14T23:59:59Z", false],
    ["at < now/d", "2026-03-14T23:59:59Z", true],
    ["at <= now/d", "2026-03-15T23:59:59Z", true],
    ["at:now/w", "2026-03-09T00:00:00Z", true],
    ["at:now", "2026-03-15T12:30:00Z", true],
    ["at < 2026-01-01||/M", "2025-12-31T23:59:59Z", true],
    ["at:2026", 1767225600000, true],
    ["at:*", "soon", false],
    ["at:*", "2026", true],
    ["at:*", true, false],
    ["at:2026", ["x", "2026-05"], true],
    ["at > 2020", "2".repeat(1e6), false],
  ])("%s of %s: %s", (kql, at, wanted) => {
    expect(matches(kql, at)).toBe(wanted);
  });

  it("has milliseconds, or nanoseconds", () => {
    const kql = 'at > "2026-01-01T00:00:00.000000001Z"';
    expect(matches(kql, "2026-01-01T00:00:00.000000002Z")).toBe(false);
    expect(matches(kql, "2026-01-01T00:00:00.000000002Z", "date_nanos")).toBe(true);
    expect(matches(kql, "2026-01-01T00:00:00.000000001Z", "date_nanos")).toBe(false);
  });
});

describe("now", () => {
  it("is the time that is given with each document", () => {
    const recent = compileKql('at > now-1h and not other:x and "@timestamp" < now', { unlisted: "by_value" });
    const document = { at: "2026-03-15T12:00:00Z", "@timestamp": "2026-03-15T12:00:00Z" };
    expect([now, now + 3_600_000, now].map((at) => recent(document, at))).toEqual([true, false, true]);
  });

  it("is needed by a query that names it", () => {
    expect(() => compileKql("at > now-1h")({})).toThrow('compares with "now"');
    expect(compileKql("at:now")({ at: "now" })).toBe(true);
  });
});
