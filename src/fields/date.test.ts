import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseMoment } from "./date.ts";
import { parseDateExpression } from "./date-math.ts";

const text = (at: number | undefined) => (at === undefined ? undefined : new Date(at).toISOString());
const year = { min: new Date("0000-01-01T00:00:00Z"), max: new Date("9999-12-31T23:59:59.999Z"), noInvalidDate: true };

describe("a date", () => {
  it("is read as it is written, with any part of its end missing", () => {
    fc.assert(
      fc.property(fc.date(year), fc.constantFrom(4, 7, 10, 13, 16, 19, 23), (date, length) => {
        const iso = date.toISOString();
        const part = iso.slice(0, length);
        const start = "0000-01-01T00:00:00.000Z";
        expect(text(parseMoment(part)?.at)).toBe(part + start.slice(length));
        expect(parseMoment(`${iso.slice(0, 23)}123456Z`)).toEqual({ at: date.getTime(), nanos: 123456 });
      }),
    );
  });

  it("is the same whatever was read before", () => {
    const digits = (length: number) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`));
    const ofDay = fc
      .tuple(digits(2), digits(2), digits(2), fc.constantFrom("", ".", ","), digits(12), fc.nat({ max: 12 }))
      .map(
        ([hour, minute, second, point, fraction, length]) =>
          `${hour}:${minute}:${second}${point}${fraction.slice(0, length)}`,
      );
    const odd = fc.constantFrom(
      "10:00:00.5",
      "10:00Z",
      "1a:00:00Z",
      "10-00:00Z",
      "10:00:0/Z",
      "10:00:00+02:00",
      "10:00:00.5xZ",
      "",
    );
    const end = fc.constantFrom("Z", "Z", "Z", "z", "", "+01:00");
    fc.assert(
      fc.property(fc.date(year), fc.oneof(ofDay, odd), end, (date, time, zone) => {
        const day = date.toISOString().slice(0, 10);
        const written = `${day}T${time}${zone}`;
        // Of another day, it is read in the long way.
        parseMoment("0000-01-01");
        const long = parseMoment(written);
        parseMoment(day);
        expect(parseMoment(written)).toEqual(long);
        if (day !== "1969-12-31") parseMoment("1969-12-31");
        expect(parseMoment(written)).toEqual(long);
      }),
      { numRuns: 1_000 },
    );
  });

  it("ends with its unit", () => {
    fc.assert(
      fc.property(
        fc.date(year),
        fc.constantFrom([4, "y"], [7, "M"], [10, "d"], [13, "h"], [16, "m"], [19, "s"]),
        (date, [n, unit]) => {
          const part = date.toISOString().slice(0, n as number);
          const next = parseDateExpression(`${part}||+1${unit}`)!.at(0, false).at;
          expect(parseMoment(part, true)).toEqual({ at: next - 1, nanos: 999_999 });
        },
      ),
    );
  });

  it.each([
    ["2026-01-01T10:00:00+02:00", "2026-01-01T08:00:00.000Z"],
    ["2026-01-01T10:00:00-0530", "2026-01-01T15:30:00.000Z"],
    ["2026-01-01T10+01", "2026-01-01T09:00:00.000Z"],
    ["2026-01-01T10:00:00,5Z", "2026-01-01T10:00:00.500Z"],
    ["1767225600000", "2026-01-01T00:00:00.000Z"],
    ["-1", "1969-12-31T23:59:59.999Z"],
    ["2026", "2026-01-01T00:00:00.000Z"],
    ["0", "1970-01-01T00:00:00.000Z"],
  ])("%s is %s", (written, wanted) => {
    expect(text(parseMoment(written)?.at)).toBe(wanted);
  });

  it.each([
    "",
    "x",
    "2026-13",
    "2026-02-29",
    "2026-1-1",
    "2026-01-01 10:00",
    "2026-01-01T24:00",
    "99999999999999999",
    "1".repeat(1e6),
  ])("%s is none", (written) => {
    expect(parseMoment(written)).toBeUndefined();
  });
});

describe("date math", () => {
  const now = Date.parse("2026-03-31T14:35:50.123Z");
  it.each([
    ["now", "2026-03-31T14:35:50.123Z", "2026-03-31T14:35:50.123Z"],
    ["now-7d", "2026-03-24T14:35:50.123Z", "2026-03-24T14:35:50.123Z"],
    ["now-7d/d", "2026-03-24T00:00:00.000Z", "2026-03-24T23:59:59.999Z"],
    ["now-1M", "2026-02-28T14:35:50.123Z", "2026-02-28T14:35:50.123Z"],
    ["now+1y/y", "2027-01-01T00:00:00.000Z", "2027-12-31T23:59:59.999Z"],
    ["now/w", "2026-03-30T00:00:00.000Z", "2026-04-05T23:59:59.999Z"],
    ["now/H", "2026-03-31T14:00:00.000Z", "2026-03-31T14:59:59.999Z"],
    ["now+h-30m/m", "2026-03-31T15:05:00.000Z", "2026-03-31T15:05:59.999Z"],
    ["now/d+8h", "2026-03-31T08:00:00.000Z", "2026-04-01T07:59:59.999Z"],
    ["2026-01-15||/M", "2026-01-01T00:00:00.000Z", "2026-01-31T23:59:59.999Z"],
    ["2024-02-29||-1y", "2023-02-28T00:00:00.000Z", "2023-02-28T00:00:00.000Z"],
    ["2026||", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"],
  ])("%s is %s, or at its end %s", (written, first, last) => {
    const expression = parseDateExpression(written)!;
    expect([text(expression.at(now, false).at), text(expression.at(now, true).at)]).toEqual([first, last]);
  });

  it.each([
    "now-",
    "now-7",
    "now-7x",
    "nowhere",
    "now/2d",
    "||",
    "x||/d",
    `now${"+1d".repeat(100)}`,
    `now${"+".repeat(1e6)}`,
  ])("%s is none", (written) => {
    expect(parseDateExpression(written)).toBeUndefined();
  });
});
