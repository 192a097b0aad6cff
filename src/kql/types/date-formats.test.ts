import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileEql } from "../../eql/compile.ts";
import { momentReader } from "../../fields/date-format.ts";
import { fieldValues } from "../../fields/values.ts";
import { compileKql } from "../compile.ts";

const fields = { x: "date yyyy/MM/dd||epoch_millis" } as const;
const matches = (query: string, x: unknown, now?: number) => compileKql(query, { fields })({ x }, now);

describe("dates with a format", () => {
  it.each<[string, unknown, boolean]>([
    ['x >= "2026/02/01"', "2026/02/01", true],
    ['x > "2026/02/01"', "2026/02/01", false],
    ['x > "2026/02/01"', 1769990399999, false],
    ['x > "2026/02/01"', 1769990400000, true],
    ['x <= "2026/02/01"', "1769990399999", true],
    ['x:"2026/02/01"', 1769950000000, true],
    ["x:1769950000000", 1769950000000, true],
    ['x >= "2026/01/31||+1M/d"', "2026/02/28", true],
    ["x:*", "2026-02-01", false],
    ["x:*", "2026/02/30", false],
    ["not x:*", true, true],
  ])("%s of %j is %s", (query, value, expected) => {
    expect(matches(query, value)).toBe(expected);
  });

  it("know the time, and refuse a date that is written in another way", () => {
    const now = Date.UTC(2026, 1, 3);
    expect(matches("x > now-2d and x <= now/d", "2026/02/02", now)).toBe(true);
    expect(() => matches('x > "2026-02-01"', 1)).toThrow("yyyy/MM/dd||epoch_millis");
  });

  it("are read by EQL, and as values", () => {
    const query = compileEql('any where x >= "2026/02/01" and x != "2026/02/02"', { fields });
    expect(query.type === "event" && query.matches({ x: "2026/02/01" })).toBe(true);
    expect(query.type === "event" && query.matches({ x: "2026/02/02" })).toBe(false);
    expect(fieldValues("x", fields.x)({ x: ["2026/02/01", "x"] })).toEqual(["2026-02-01T00:00:00.000Z"]);
  });
});

describe("momentReader", () => {
  it.each([
    ["basic_date", "20260201", "2026-02-01T00:00:00.000Z", "2026-02-01T23:59:59.999Z"],
    ["strict_year_month", "2026-02", "2026-02-01T00:00:00.000Z", "2026-02-01T23:59:59.999Z"],
    ["8yyyy-MM-dd HH:mm", "2026-02-01 10:05", "2026-02-01T10:05:00.000Z", "2026-02-01T10:05:59.999Z"],
    ["dd/MMM/yyyy:HH:mm:ss Z", "01/Feb/2026:10:00:00 +0200", "2026-02-01T08:00:00.000Z", "2026-02-01T08:00:00.999Z"],
    ["epoch_second", "1769904000.5", "2026-02-01T00:00:00.500Z", "2026-02-01T00:00:00.500Z"],
    ["strict_date_optional_time", "2026-02", "2026-02-01T00:00:00.000Z", "2026-02-28T23:59:59.999Z"],
    ["hh:mm a", "09:30 PM", "1970-01-01T21:30:00.000Z", "1970-01-01T21:30:59.999Z"],
    ["ordinal_date", "2026-032", "2026-02-01T00:00:00.000Z", "2026-02-01T23:59:59.999Z"],
  ])("reads %s: %s", (format, text, first, last) => {
    const read = momentReader(format);
    const at = (end: boolean) => new Date(read(text, end)!.at).toISOString();
    expect([at(false), at(true)]).toEqual([first, last]);
  });

  it.each(["yyyy-QQ", "yyyy||", "yyyy'", "week_date"])("refuses %s", (format) => {
    expect(() => momentReader(format)).toThrow();
  });

  it("reads what was written in a format, and its last moment is never before its first", () => {
    const days = fc.date({
      min: new Date("0100-01-01T00:00:00Z"),
      max: new Date("9999-12-31T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(days, (date) => {
        const [day] = date.toISOString().split("T");
        const read = momentReader("yyyy/MM/dd||epoch_millis");
        const start = Date.parse(`${day}T00:00:00Z`);
        expect(read(day!.replaceAll("-", "/"))).toEqual({ at: start, nanos: 0 });
        expect(read(day!.replaceAll("-", "/"), true)).toEqual({ at: start + 86_399_999, nanos: 999_999 });
        expect(read(String(date.getTime()))?.at).toBe(date.getTime());
      }),
    );
  });

  it("reads any text in linear time, or not at all", () => {
    const read = momentReader("[yyyy][MM][dd][HH][mm][ss]||epoch_millis||strict_date_optional_time");
    expect(read("1".repeat(1_000_000))).toBeUndefined();
    fc.assert(fc.property(fc.string(), fc.boolean(), (text, end) => void read(text, end)));
  });
});
