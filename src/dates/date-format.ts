import { fraction, type Parts, type Reader, readersOf, sequenceOf, zone } from "./reader.ts";
import { instantIn, type Zone } from "./zone.ts";

/** Reads a whole text; the instant in milliseconds since 1970, or undefined if it is no such date. */
export type DateReader = (text: string, defaults: { readonly zone: Zone; readonly now: number }) => number | undefined;

/**
 * Compiles a format of Elasticsearch's date processor: `ISO8601`, `UNIX` (seconds), `UNIX_MS`, `TAI64N`, or a pattern of
 * Java's DateTimeFormatter, with English names. Throws a `DateFormatError`.
 */
export const compileDateFormat = (format: string): DateReader => {
  const read = Object.hasOwn(named, format) ? named[format]! : sequenceOf(readersOf(format));
  return (text, { zone, now }) => {
    const parts: Parts = {};
    if (read(text, 0, parts) !== text.length) return undefined;
    return parts.instant ?? instantOf(parts, zone, now);
  };
};

/** The date with everything after its first part optional: `2026-01-02`, `2026-01-02T03:04:05.678+02:00`. */
const iso = sequenceOf(readersOf("yyyy[-MM[-dd]]['T'][' '][HH[:mm[:ss]]]"));
const iso8601: Reader = (text, at, parts) => {
  let end = iso(text, at, parts);
  if (end < 0) return -1;
  if (parts.second !== undefined && /[.,]/.test(text[end] ?? "")) {
    end = fraction(1)(text, end + 1, parts);
    if (end < 0) return -1;
  }
  return parts.hour === undefined || end === text.length ? end : zone(text, end, parts);
};

const seconds: Reader = (text, _at, parts) => {
  if (!/^-?\d{1,13}(?:\.\d{1,9})?$/.test(text)) return -1;
  parts.instant = Math.round(Number(text) * 1000);
  return text.length;
};

const milliseconds: Reader = (text, _at, parts) => {
  if (!/^-?\d{1,16}$/.test(text)) return -1;
  parts.instant = Number(text);
  return text.length;
};

/** Seconds since 1970 in TAI, which was 10 seconds ahead of UTC then, from 2^62 on, and nanoseconds, in hexadecimal. */
const tai64n: Reader = (text, _at, parts) => {
  const [, whole, nanoseconds] = /^@?([0-9a-fA-F]{16})([0-9a-fA-F]{8})$/.exec(text) ?? [];
  if (whole === undefined) return -1;
  const second = Number(BigInt(`0x${whole}`) - 0x4000000000000000n) - 10;
  parts.instant = second * 1000 + Math.floor(Number.parseInt(nanoseconds!, 16) / 1e6);
  return text.length;
};

const named: Readonly<Record<string, Reader>> = {
  ISO8601: iso8601,
  UNIX: seconds,
  UNIX_MS: milliseconds,
  TAI64N: tai64n,
};

const day = 86_400_000;

/** The instant that parts of a date stand for, in milliseconds since 1970; undefined if there is none. */
export const instantOf = (parts: Parts, otherwise: Zone, now: number): number | undefined => {
  const { month = 1, day: ofMonth = 1, dayOfYear, minute = 0, second = 0, fraction: ms = 0 } = parts;
  const { halfHour = 0 } = parts;
  const hour = parts.hour ?? halfHour + (parts.isAfternoon ? 12 : 0);
  if (!(hour < 24 && halfHour < 12 && month >= 1 && month <= 12) || minute > 59 || second > 60) return undefined;
  const at = (year: number): number | undefined => {
    const date = dayOfYear === undefined ? Date.UTC(year, month - 1, ofMonth) : Date.UTC(year, 0, dayOfYear);
    // Date.UTC reads two digits as a year of the twentieth century.
    const moved = new Date(date);
    if (year < 100) moved.setUTCFullYear(year);
    if (dayOfYear !== undefined && (dayOfYear < 1 || moved.getUTCFullYear() !== year)) return undefined;
    if (dayOfYear === undefined && (moved.getUTCMonth() !== month - 1 || moved.getUTCDate() !== ofMonth))
      return undefined;
    const local = moved.getTime() + hour * 3_600_000 + minute * 60_000 + second * 1000 + ms;
    return instantIn(parts.zone ?? otherwise, local);
  };
  if (parts.year !== undefined) return at(parts.year);
  // A date without a year, as in the syslog, is the last one that is not in the future.
  const year = new Date(now).getUTCFullYear();
  const found = [year + 1, year, year - 1].map(at).find((instant) => instant !== undefined && instant <= now + day);
  return found;
};
