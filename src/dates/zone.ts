/** A time zone: how far it is ahead of UTC at an instant, in minutes. */
export type Zone = (instant: number) => number;

export const utc: Zone = () => 0;

const hour = 3_600_000;
/** Zones have rules of their own, which `Intl` knows; what it says is kept by the hour. */
const mostKept = 10_000;

/** A zone by its name, such as `Europe/Berlin` or `UTC`, or an offset, such as `+02:00`; undefined if there is none. */
export const zoneOf = (name: string): Zone | undefined => {
  const offset = offsetOf(name);
  if (offset !== undefined) return offset === 0 ? utc : () => offset;
  if (/^[+-]/.test(name)) return undefined;
  if (/^(?:Z|UTC|GMT|UT|Etc\/UTC)$/.test(name)) return utc;
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-US", { timeZone: name, timeZoneName: "longOffset" });
  } catch {
    return undefined;
  }
  const kept = new Map<number, number>();
  return (instant) => {
    const at = Math.floor(instant / hour);
    const known = kept.get(at);
    if (known !== undefined) return known;
    const text = format.formatToParts(at * hour).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
    const found = offsetOf(text.replace("GMT", "")) ?? 0;
    if (kept.size >= mostKept) kept.clear();
    kept.set(at, found);
    return found;
  };
};

/** The farthest offset from UTC, in minutes, as in Java. */
const farthest = 18 * 60;

/** `+02:00`, `+0200` or `+02` in minutes. */
const offsetOf = (text: string): number | undefined => {
  const [, sign, hours, minutes = "0"] = /^([+-])(\d{1,2})(?::?(\d{2}))?$/.exec(text) ?? [];
  const size = Number(hours) * 60 + Number(minutes);
  if (sign === undefined || Number(minutes) > 59 || size > farthest) return undefined;
  return sign === "-" ? -size : size;
};

/** The instant at which clocks of a zone show a local time, both in milliseconds since 1970. */
export const instantIn = (zone: Zone, local: number): number => {
  const guess = local - zone(local) * 60_000;
  return local - zone(guess) * 60_000;
};

/** An instant as ISO 8601 writes it in a zone, with milliseconds. */
export const isoIn = (zone: Zone, instant: number): string => {
  const offset = zone(instant);
  const text = isoText(instant + offset * 60_000);
  if (offset === 0) return text;
  const size = Math.abs(offset);
  return `${text.slice(0, -1)}${offset < 0 ? "-" : "+"}${two(Math.floor(size / 60))}:${two(size % 60)}`;
};

const day = 24 * hour;
const two = (number: number): string => (number < 10 ? `0${number}` : String(number));
/** The day of the last text: `Date` takes far longer than the time of a day, and most events are of one day. */
let lastDay = { start: Number.NaN, text: "" };

const isoText = (instant: number): string => {
  const start = Math.floor(instant / day) * day;
  if (start !== lastDay.start) lastDay = { start, text: new Date(start).toISOString().slice(0, -13) };
  const ms = instant - start;
  const [hours, minutes, seconds] = [Math.floor(ms / hour), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60];
  const fraction = ms % 1000;
  return `${lastDay.text}${two(hours)}:${two(minutes)}:${two(seconds)}.${fraction < 100 ? "0" : ""}${two(fraction)}Z`;
};
