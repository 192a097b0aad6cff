import { days, months } from "./names.ts";
import { DateFormatError, type LetterPart, partsOf } from "./pattern.ts";
import type { Zone } from "./zone.ts";

/** Writes an instant, in milliseconds since 1970, as the clocks of a zone show it. */
export type DateWriter = (instant: number, zone: Zone) => string;

type Part = (local: Date, offset: number) => string;

/** Compiles a pattern of Java's DateTimeFormatter for writing, with English names. Throws a `DateFormatError`. */
export const compileDateOutput = (pattern: string): DateWriter => {
  const parts = partsOf(pattern).map((part): Part => {
    if ("literal" in part) return () => part.literal;
    if ("letter" in part) return writing(part);
    throw new DateFormatError(`a "${part.bracket}" has no meaning in what is written`, part.at);
  });
  return (instant, zone) => {
    const offset = zone(instant);
    const local = new Date(instant + offset * 60_000);
    return parts.map((part) => part(local, offset)).join("");
  };
};

const padded = (number: number, count: number): string => String(number).padStart(count, "0");

const dayOfYear = (local: Date): number =>
  Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / 86_400_000) + 1;

const nameOf = (names: readonly string[], index: number, count: number): string =>
  count > 3 ? names[index]! : names[index]!.slice(0, 3);

const writing = ({ letter, count, at }: LetterPart): Part => {
  switch (letter) {
    case "y":
    case "u":
      return (local) => {
        const year = local.getUTCFullYear();
        return count === 2 ? padded(year % 100, 2) : padded(year, count);
      };
    case "M":
    case "L":
      return (local) =>
        count > 2 ? nameOf(months, local.getUTCMonth(), count) : padded(local.getUTCMonth() + 1, count);
    case "d":
      return (local) => padded(local.getUTCDate(), count);
    case "D":
      return (local) => padded(dayOfYear(local), count);
    case "E":
      return (local) => nameOf(days, (local.getUTCDay() + 6) % 7, count);
    case "H":
      return (local) => padded(local.getUTCHours(), count);
    case "k":
      return (local) => padded(local.getUTCHours() || 24, count);
    case "h":
      return (local) => padded(local.getUTCHours() % 12 || 12, count);
    case "K":
      return (local) => padded(local.getUTCHours() % 12, count);
    case "m":
      return (local) => padded(local.getUTCMinutes(), count);
    case "s":
      return (local) => padded(local.getUTCSeconds(), count);
    case "S":
      return (local) => padded(local.getUTCMilliseconds(), 3).padEnd(count, "0").slice(0, count);
    case "a":
      return (local) => (local.getUTCHours() < 12 ? "AM" : "PM");
    case "X":
      return (_, offset) => (offset === 0 ? "Z" : offsetText(offset, count));
    case "x":
      return (_, offset) => offsetText(offset, count);
    case "Z":
      return (_, offset) => offsetText(offset, count < 4 ? 2 : 3);
    default:
      throw new DateFormatError(`"${letter.repeat(count)}" is no part of a date that weir writes`, at);
  }
};

/** `+02` (or `+0230`) with one letter, `+0200` with two, `+02:00` with more. */
const offsetText = (offset: number, count: number): string => {
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60];
  const rest = count === 1 && minutes === 0 ? "" : `${count > 2 ? ":" : ""}${padded(minutes, 2)}`;
  return `${offset < 0 ? "-" : "+"}${padded(hours, 2)}${rest}`;
};
