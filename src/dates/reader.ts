import { days, months } from "./names.ts";
import { DateFormatError, type LetterPart, partsOf } from "./pattern.ts";
import type { Zone } from "./zone.ts";
import { zoneAt } from "./zone-name.ts";

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
  const found = zoneAt(text, at);
  if (!found) return -1;
  parts.zone = found.zone;
  return found.end;
};
