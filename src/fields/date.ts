/** A point in time: milliseconds since 1970, and the nanoseconds after them (0 to 999,999). */
export interface Moment {
  readonly at: number;
  readonly nanos: number;
}

/** Longer texts are no dates. */
const longest = 40;

/** `strict_date_optional_time`: a year, and as much of the rest as is known. UTC without a zone. */
const iso =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|[+-]\d\d(?::?\d\d)?)?)?)?)?)?$/;

/** `epoch_millis`. Four digits alone are a year. */
const epoch = /^(-?\d{1,16})(?:\.(\d{1,6}))?$/;

/**
 * Reads a date as a date field of Elasticsearch does by default: ISO 8601, or milliseconds since 1970. A date of which the
 * end is missing is its first moment, or its last if `end` is true: `2026-02` ends with the 28th. `undefined` for a text
 * that is not a date.
 */
export const parseMoment = (text: string, end = false): Moment | undefined => {
  if (text.length > longest) return undefined;
  const quick = utcMoment(text);
  if (quick) return quick;
  const found = iso.exec(text);
  if (found) return isoMoment(found, end);
  const [, whole, fraction] = epoch.exec(text) ?? [];
  if (whole === undefined) return undefined;
  const nanos = fraction === undefined ? 0 : Number(fraction.padEnd(6, "0"));
  const negative = whole.startsWith("-") && nanos > 0;
  return inRange(negative ? Number(whole) - 1 : Number(whole), negative ? 1_000_000 - nanos : nanos);
};

/** Most dates are of the day of the one before. */
let lastDay = { text: "1970-01-01", start: 0 };

/** A time in UTC, of the day of the last one, to the second at least: as nearly all are. `undefined` if it is something else. */
const utcMoment = (text: string): Moment | undefined => {
  const end = text.length - 1;
  if (end < 19 || end > 29 || text.charCodeAt(end) !== 0x5a || text.charCodeAt(10) !== 0x54) return undefined;
  if (text.charCodeAt(13) !== colon || text.charCodeAt(16) !== colon || !text.startsWith(lastDay.text))
    return undefined;
  const [hours, minutes, seconds] = [pairAt(text, 11), pairAt(text, 14), pairAt(text, 17)];
  if (!(hours <= 23 && minutes <= 59 && seconds <= 59)) return undefined;
  let fraction = 0;
  if (end > 19) {
    const point = text.charCodeAt(19);
    if (end === 20 || (point !== 0x2e && point !== 0x2c)) return undefined;
    for (let at = 20; at < 29; at++) {
      const digit = at < end ? text.charCodeAt(at) - zero : 0;
      if (digit < 0 || digit > 9) return undefined;
      fraction = fraction * 10 + digit;
    }
  }
  const nanos = fraction % 1_000_000;
  const ofDay = ((hours * 60 + minutes) * 60 + seconds) * 1_000 + (fraction - nanos) / 1_000_000;
  return { at: lastDay.start + ofDay, nanos };
};

const zero = 0x30;
const colon = 0x3a;

/** The number of two digits; NaN if they are none. */
const pairAt = (text: string, at: number): number => {
  const [tens, ones] = [text.charCodeAt(at) - zero, text.charCodeAt(at + 1) - zero];
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
};

const inRange = (at: number, nanos: number): Moment | undefined =>
  Math.abs(at) <= 8.64e15 ? { at: at + 0, nanos } : undefined;

const isoMoment = (found: RegExpExecArray, end: boolean): Moment | undefined => {
  const [, year, month, day, hour, minute, second, fraction, zone] = found;
  const inYear = month === undefined ? (end ? 12 : 1) : Number(month);
  if (inYear < 1 || inYear > 12) return undefined;
  const days = daysIn(Number(year), inYear);
  const inMonth = day === undefined ? (end ? days : 1) : Number(day);
  const [hours, minutes, seconds] = [
    orElse(hour, end ? 23 : 0),
    orElse(minute, end ? 59 : 0),
    orElse(second, end ? 59 : 0),
  ];
  if (inMonth < 1 || inMonth > days || hours > 23 || minutes > 59 || seconds > 59) return undefined;
  const shift = zoneShift(zone);
  if (shift === undefined) return undefined;
  const digits = (fraction ?? "").padEnd(9, end && fraction === undefined ? "9" : "0");
  const ofDay = ((hours * 60 + minutes) * 60 + seconds) * 1_000 + Number(digits.slice(0, 3));
  const start = dayStart(Number(year), inYear, inMonth);
  if (day !== undefined) lastDay = { text: `${year}-${month}-${day}`, start };
  return inRange(start + ofDay - shift, Number(digits.slice(3)));
};

const orElse = (digits: string | undefined, missing: number): number =>
  digits === undefined ? missing : Number(digits);

/** What a zone is ahead of UTC, in milliseconds. */
const zoneShift = (zone: string | undefined): number | undefined => {
  if (zone === undefined || zone === "Z") return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(3).replace(":", ""))];
  if (minutes > 59 || hours * 60 + minutes > 18 * 60) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * (hours * 60 + minutes) * 60_000;
};

/** Milliseconds from 1970 to the start of a day. Months and days count from 1. */
export const dayStart = (year: number, month: number, day: number): number =>
  // `Date.UTC` takes the years 0 to 99 as those of the 20th century.
  new Date(0).setUTCFullYear(year, month - 1, day);

/** How many days a month has. */
export const daysIn = (year: number, month: number): number => new Date(dayStart(year, month + 1, 0)).getUTCDate();

/** Below, at or above zero. */
export const compareMoments = (a: Moment, b: Moment): number => a.at - b.at || a.nanos - b.nanos;
