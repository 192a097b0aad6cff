import { type Zone, zoneOf } from "./zone.ts";

/** What a text says of a date. */
export interface Parts {
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
export type Reader = (text: string, at: number, parts: Parts) => number;

/** Why a format cannot be used. */
export class DateFormatError extends Error {
  /** Where in the format, in UTF-16 units. */
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.offset = offset;
  }
}

/** Reads one part after the other. */
export const sequenceOf =
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

/** A part of a pattern, and where it begins: a letter and how often it is there, a text, or the start or end of what is optional. */
export type PatternPart =
  | LetterPart
  | { readonly at: number; readonly literal: string }
  | { readonly at: number; readonly bracket: "[" | "]" };

export interface LetterPart {
  readonly at: number;
  readonly letter: string;
  readonly count: number;
}

/** The parts of a pattern of Java's DateTimeFormatter. Throws a `DateFormatError`. */
export const partsOf = (pattern: string): readonly PatternPart[] => {
  const parts: PatternPart[] = [];
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at]!;
    let end = at + 1;
    if (char === "'") {
      const close = closingQuote(pattern, at);
      parts.push({ at, literal: close === at + 1 ? "'" : pattern.slice(at + 1, close).replaceAll("''", "'") });
      end = close + 1;
    } else if (char === "[" || char === "]") parts.push({ at, bracket: char });
    else if (/[A-Za-z]/.test(char)) {
      while (pattern[end] === char) end++;
      parts.push({ at, letter: char, count: end - at });
    } else parts.push({ at, literal: char });
    at = end;
  }
  return parts;
};

/** The readers of a pattern. Throws a `DateFormatError`. */
export const readersOf = (pattern: string): Reader[] => {
  const stack: Reader[][] = [[]];
  for (const part of partsOf(pattern)) {
    if ("literal" in part) stack.at(-1)!.push(literal(part.literal));
    else if ("letter" in part) stack.at(-1)!.push(letter(part));
    else if (part.bracket === "[") stack.push([]);
    else {
      if (stack.length === 1) throw new DateFormatError('a "]" closes no optional part', part.at);
      const inner = stack.pop()!;
      stack.at(-1)!.push(optional(sequenceOf(inner)));
    }
  }
  if (stack.length > 1) throw new DateFormatError('a "[" has no "]"', pattern.lastIndexOf("["));
  return stack[0]!;
};

const closingQuote = (pattern: string, start: number): number => {
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] !== "'") continue;
    if (pattern[at + 1] !== "'" || at === start + 1) return at;
    at++;
  }
  throw new DateFormatError("a quote is not closed", start);
};

const literal =
  (wanted: string): Reader =>
  (text, at) =>
    text.startsWith(wanted, at) ? at + wanted.length : -1;

type NumberPart = "year" | "month" | "day" | "dayOfYear" | "hour" | "halfHour" | "minute" | "second";

const letter = ({ letter, count, at }: LetterPart): Reader => {
  switch (letter) {
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
      return number("hour", count, 2, (hour) => (hour === 24 ? 0 : hour === 0 ? Number.NaN : hour));
    case "h":
      return number("halfHour", count, 2, (hour) => (hour === 12 ? 0 : hour === 0 ? Number.NaN : hour));
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
      throw new DateFormatError(`"${letter.repeat(count)}" is no part of a date that weir knows`, at);
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

/** Reads digits of a second, of which milliseconds are kept. */
export const fraction =
  (count: number): Reader =>
  (text, at, parts) => {
    let end = at;
    while (end < at + Math.max(count, 9) && isDigit(text, end)) end++;
    if (end - at < count) return -1;
    parts.fraction = Number(
      text
        .slice(at, at + 3)
        .slice(0, end - at)
        .padEnd(3, "0"),
    );
    return end;
  };

export const months = [
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
export const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

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
export const zone: Reader = (text, at, parts) => {
  const [found] =
    /^(?:(?:GMT|UTC)?[+-]\d{2}(?::?\d{2})?|[A-Za-z]+(?:[/_-][A-Za-z]+){0,3})/.exec(text.slice(at, at + 64)) ?? [];
  if (found === undefined) return -1;
  const name = Object.hasOwn(abbreviated, found) ? abbreviated[found]! : found.replace(/^(?:GMT|UTC)(?=[+-])/, "");
  const known = zones.get(found) ?? zoneOf(name);
  if (!known) return -1;
  if (zones.size < 1_000) zones.set(found, known);
  parts.zone = known;
  return at + found.length;
};

/** Abbreviations that no database of zones has, or only for one of two seasons. */
const abbreviated: Readonly<Record<string, string>> = {
  EST: "-05:00",
  EDT: "-04:00",
  CST: "-06:00",
  CDT: "-05:00",
  MST: "-07:00",
  MDT: "-06:00",
  PST: "-08:00",
  PDT: "-07:00",
  CET: "+01:00",
  CEST: "+02:00",
};

const zones = new Map<string, Zone>();
