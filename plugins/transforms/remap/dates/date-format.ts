import { instantIn, type Zone, zoneOf } from "weir/formats";

/** What a text says of a date. */
interface Parts {
  year?: number;
  month?: number;
  day?: number;
  dayOfYear?: number;
  hour?: number;
  /** Of twelve, 0 to 11. */
  halfHour?: number;
  isAfternoon?: boolean;
  minute?: number;
  second?: number;
  /** Milliseconds. */
  fraction?: number;
  /** Milliseconds since 1970: the whole date. */
  instant?: number;
  zone?: Zone;
}

/** Reads a part of a text from a place on. Returns where it ends, or -1. */
type Reader = (text: string, at: number, parts: Parts) => number;

/** Reads a whole text; the instant in milliseconds since 1970, or undefined if it is no such date. */
export type DateReader = (text: string, defaults: { readonly zone: Zone; readonly now: number }) => number | undefined;

/** Why a format cannot be used. */
export class DateFormatError extends Error {}

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

const sequenceOf =
  (readers: readonly Reader[]): Reader =>
  (text, at, parts) => {
    let end = at;
    for (const read of readers) {
      end = read(text, end, parts);
      if (end < 0) return -1;
    }
    return end;
  };

/** Reads what is there, or nothing. */
const optional =
  (read: Reader): Reader =>
  (text, at, parts) => {
    const found: Parts = {};
    const end = read(text, at, found);
    if (end < 0) return at;
    Object.assign(parts, found);
    return end;
  };

const readersOf = (pattern: string): Reader[] => {
  const stack: Reader[][] = [[]];
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at]!;
    if (char === "'") {
      const end = closingQuote(pattern, at);
      stack.at(-1)!.push(literal(end === at + 1 ? "'" : pattern.slice(at + 1, end).replaceAll("''", "'")));
      at = end + 1;
    } else if (char === "[") {
      stack.push([]);
      at++;
    } else if (char === "]") {
      if (stack.length === 1) throw new DateFormatError('a "]" closes no optional part');
      const inner = stack.pop()!;
      stack.at(-1)!.push(optional(sequenceOf(inner)));
      at++;
    } else if (/[A-Za-z]/.test(char)) {
      let end = at;
      while (pattern[end] === char) end++;
      stack.at(-1)!.push(letter(char, end - at));
      at = end;
    } else {
      stack.at(-1)!.push(literal(char));
      at++;
    }
  }
  if (stack.length > 1) throw new DateFormatError('a "[" has no "]"');
  return stack[0]!;
};

const closingQuote = (pattern: string, start: number): number => {
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] !== "'") continue;
    if (pattern[at + 1] !== "'" || at === start + 1) return at;
    at++;
  }
  throw new DateFormatError("a quote is not closed");
};

const literal =
  (wanted: string): Reader =>
  (text, at) =>
    text.startsWith(wanted, at) ? at + wanted.length : -1;

type NumberPart = "year" | "month" | "day" | "dayOfYear" | "hour" | "halfHour" | "minute" | "second";

const letter = (char: string, count: number): Reader => {
  switch (char) {
    case "y":
    case "u":
    case "Y":
      return count === 2 ? number("year", 2, 2, (year) => 2000 + year) : number("year", count, count < 4 ? 9 : count);
    case "M":
    case "L":
      return count > 2 ? nameIn(months, (parts, index) => (parts.month = index + 1)) : number("month", count, 2);
    case "d":
      return number("day", count, 2);
    case "D":
      return number("dayOfYear", count, 3);
    case "E":
    case "e":
      return nameIn(days, () => undefined);
    case "H":
      return number("hour", count, 2);
    case "k":
      return number("hour", count, 2, (hour) => hour % 24);
    case "h":
      return number("halfHour", count, 2, (hour) => hour % 12);
    case "K":
      return number("halfHour", count, 2);
    case "m":
      return number("minute", count, 2);
    case "s":
      return number("second", count, 2);
    case "S":
      return fraction(count);
    case "a":
      return nameIn(["AM", "PM"], (parts, index) => (parts.isAfternoon = index === 1));
    case "X":
    case "x":
    case "Z":
    case "O":
    case "z":
    case "V":
      return zone;
    default:
      throw new DateFormatError(`"${char.repeat(count)}" is no part of a date that weir knows`);
  }
};

const isDigit = (text: string, at: number): boolean => text.charCodeAt(at) >= 48 && text.charCodeAt(at) <= 57;

/** Reads digits: at least `least`, at most `most`. Two digits are also read where the pattern has one letter. */
const number =
  (part: NumberPart, least: number, most: number, convert: (value: number) => number = (value) => value): Reader =>
  (text, at, parts) => {
    // A day of the syslog is padded with a space.
    const start = least === 1 && text[at] === " " ? at + 1 : at;
    let end = start;
    while (end < start + most && isDigit(text, end)) end++;
    if (end - start < least) return -1;
    parts[part] = convert(Number(text.slice(start, end)));
    return end;
  };

const fraction =
  (count: number): Reader =>
  (text, at, parts) => {
    let end = at;
    while (end < at + Math.max(count, 9) && isDigit(text, end)) end++;
    if (end - at < count) return -1;
    parts.fraction = Math.trunc(Number(`0.${text.slice(at, end)}`) * 1000);
    return end;
  };

const months = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** Reads a name or its first three letters, in any case. */
const nameIn =
  (names: readonly string[], use: (parts: Parts, index: number) => void): Reader =>
  (text, at, parts) => {
    const start = text.slice(at, at + 9).toLowerCase();
    for (const [index, name] of names.entries()) {
      const short = name.slice(0, 3).toLowerCase();
      if (!start.startsWith(short)) continue;
      use(parts, index);
      const isWhole = start.startsWith(name.toLowerCase());
      return at + (isWhole ? name.length : short === "sep" && start.startsWith("sept") ? 4 : short.length);
    }
    return -1;
  };

/** Reads an offset such as `Z`, `+0200`, `+02:00`, or the name of a zone. */
const zone: Reader = (text, at, parts) => {
  const [found] =
    /^(?:(?:GMT|UTC)?[+-]\d{2}(?::?\d{2})?|[A-Za-z]+(?:[/_-][A-Za-z]+){0,3})/.exec(text.slice(at, at + 64)) ?? [];
  if (found === undefined) return -1;
  const known = zones.get(found) ?? zoneOf(found.replace(/^(?:GMT|UTC)(?=[+-])/, ""));
  if (!known) return -1;
  if (zones.size < 1_000) zones.set(found, known);
  parts.zone = known;
  return at + found.length;
};

const zones = new Map<string, Zone>();

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

const instantOf = (parts: Parts, otherwise: Zone, now: number): number | undefined => {
  const { month = 1, day: ofMonth = 1, dayOfYear, minute = 0, second = 0, fraction: ms = 0 } = parts;
  const hour = parts.hour ?? (parts.halfHour ?? 0) + (parts.isAfternoon ? 12 : 0);
  if (month < 1 || month > 12 || hour > 23 || minute > 59 || second > 60) return undefined;
  const at = (year: number): number | undefined => {
    const date = dayOfYear === undefined ? Date.UTC(year, month - 1, ofMonth) : Date.UTC(year, 0, dayOfYear);
    // Date.UTC reads two digits as a year of the twentieth century.
    const moved = new Date(date);
    if (year < 100) moved.setUTCFullYear(year);
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
