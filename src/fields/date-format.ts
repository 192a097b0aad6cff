import { instantOf } from "../dates/date-format.ts";
import { DateFormatError } from "../dates/pattern.ts";
import { type Parts, type Reader, readersOf, sequenceOf } from "../dates/reader.ts";
import { utc } from "../dates/zone.ts";
import { type Moment, parseMoment } from "./date.ts";

/** Reads a date. A date whose end is missing is its first moment, or its last if `end` is true. */
export type ReadMoment = (text: string, end?: boolean) => Moment | undefined;

/** Longer texts are no dates. */
const longest = 256;

/**
 * How a date field of Elasticsearch with this `format` reads texts: patterns of Java's DateTimeFormatter and names of formats,
 * separated by `||`, of which one must fit. Without a format, ISO 8601 and milliseconds since 1970. Throws a
 * `DateFormatError`.
 */
export const momentReader = (format: string | undefined): ReadMoment => {
  if (format === undefined) return parseMoment;
  const known = readers.get(format);
  if (known) return known;
  const alternatives = format.split("||").map((one) => readerOf(one.trim()));
  const read: ReadMoment = (text, end) => {
    if (text.length > longest) return undefined;
    for (const reads of alternatives) {
      const moment = reads(text, end);
      if (moment) return moment;
    }
    return undefined;
  };
  if (readers.size < mostKept) readers.set(format, read);
  return read;
};

const readers = new Map<string, ReadMoment>();
const mostKept = 1_000;

const readerOf = (name: string): ReadMoment => {
  const plain = name.replace(/^strict_/, "");
  if (iso.has(plain)) return (text, end) => (/^\d{4}(?:-|$)/.test(text) ? parseMoment(text, end) : undefined);
  if (plain === "epoch_millis") return (text) => (isNumber(text) ? parseMoment(`${text}${wide(text)}`) : undefined);
  if (plain === "epoch_second") return secondOf;
  const pattern = Object.hasOwn(patterns, plain) ? patterns[plain]! : name.replace(/^8/, "");
  if (pattern === "") throw new DateFormatError("an empty format reads nothing");
  return patternReader(pattern);
};

const iso: ReadonlySet<string> = new Set(["date_optional_time", "date_optional_time_nanos", "iso8601"]);

const isNumber = (text: string): boolean => /^-?\d{1,16}(?:\.\d{1,6})?$/.test(text);

/** Four digits alone would be a year. */
const wide = (text: string): string => (text.includes(".") ? "" : ".0");

const secondOf: ReadMoment = (text) => {
  const [, whole, fraction = ""] = /^(-?\d{1,13})(?:\.(\d{1,9}))?$/.exec(text) ?? [];
  return whole === undefined ? undefined : parseMoment(`${whole}${fraction.padEnd(3, "0").slice(0, 3)}.0`);
};

/** The formats that Elasticsearch has by name; all of them also with `strict_` before it. */
const patterns: Readonly<Record<string, string>> = {
  basic_date: "yyyyMMdd",
  basic_date_time: "yyyyMMdd'T'HHmmss.SSSX",
  basic_date_time_no_millis: "yyyyMMdd'T'HHmmssX",
  basic_ordinal_date: "yyyyDDD",
  date: "yyyy-MM-dd",
  date_hour: "yyyy-MM-dd'T'HH",
  date_hour_minute: "yyyy-MM-dd'T'HH:mm",
  date_hour_minute_second: "yyyy-MM-dd'T'HH:mm:ss",
  date_hour_minute_second_fraction: "yyyy-MM-dd'T'HH:mm:ss.S",
  date_hour_minute_second_millis: "yyyy-MM-dd'T'HH:mm:ss.S",
  date_time: "yyyy-MM-dd'T'HH:mm:ss.SX",
  date_time_no_millis: "yyyy-MM-dd'T'HH:mm:ssX",
  ordinal_date: "yyyy-DDD",
  ordinal_date_time: "yyyy-DDD'T'HH:mm:ss.SX",
  ordinal_date_time_no_millis: "yyyy-DDD'T'HH:mm:ssX",
  year: "yyyy",
  year_month: "yyyy-MM",
  year_month_day: "yyyy-MM-dd",
};

/** A year, a month and a day that are missing are the first, and with `end` the time of the day is its last. */
const patternReader = (pattern: string): ReadMoment => {
  const read: Reader = sequenceOf(readersOf(pattern));
  return (text, end = false) => {
    const parts: Parts = {};
    if (read(text, 0, parts) !== text.length) return undefined;
    const isRounded = end && parts.fraction === undefined;
    const at = instantOf({ year: 1970, ...(end && lastOf(parts)), ...parts }, utc, 0);
    return at === undefined ? undefined : { at, nanos: isRounded ? 999_999 : 0 };
  };
};

const lastOf = ({ halfHour }: Parts): Parts => ({
  ...(halfHour === undefined && { hour: 23 }),
  minute: 59,
  second: 59,
  fraction: 999,
});
