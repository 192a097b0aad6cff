import { Duration } from "@marcbachmann/cel-js/evaluator";
import { LRUCache } from "lru-cache";
import { type Zone, zoneOf } from "../../dates/zone.ts";
import { CelError } from "../cel-error.ts";
import type { Signatures } from "./signatures.ts";

export const timestampType = "google.protobuf.Timestamp";
export const durationType = "google.protobuf.Duration";

/** The times that CEL has: from the year 1 to the end of 9999, in milliseconds since 1970. */
const [first, last] = [-62_135_596_800_000, 253_402_300_799_999];
/** The longest duration, in nanoseconds, as an integer of 64 bits: about 292 years. */
const longest = 2n ** 63n - 1n;

const second = 1_000_000_000n;
const nanosecondsOf = ({ seconds, nanos }: Duration): bigint => seconds * second + BigInt(nanos);

/** Throws for a time that CEL does not have. */
export const checkedTime = (time: Date): Date => {
  const value = time.getTime();
  if (value >= first && value <= last) return time;
  throw new CelError("the time is not within the years 1 to 9999");
};

/** Throws for a duration that CEL does not have. */
const checkedDuration = (duration: Duration): Duration => {
  const size = nanosecondsOf(duration);
  if (size <= longest && size >= -longest) return duration;
  throw new CelError("the duration is longer than 292 years");
};

/** A time as CEL writes it: without a fraction of zero. */
export const textOfTime = (time: Date): string =>
  checkedTime(time)
    .toISOString()
    .replace(/\.?0+Z$/, "Z");

const durationOf = (nanoseconds: bigint): Duration =>
  checkedDuration(new Duration(nanoseconds / second, Number(nanoseconds % second)));

/** `90s`, `1.5s`, `-0.25s`. */
export const textOfDuration = (duration: Duration): string => {
  const nanoseconds = nanosecondsOf(checkedDuration(duration));
  const size = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  const fraction = String(size % second)
    .padStart(9, "0")
    .replace(/0+$/, "");
  return `${nanoseconds < 0n ? "-" : ""}${size / second}${fraction && `.${fraction}`}s`;
};

const rfc3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:[Zz]|[+-]\d\d:\d\d)$/;

const timeIn = (text: string): Date => {
  // The day: JavaScript reads the 30th of February as one of March.
  const time = rfc3339.test(text) ? new Date(text.toUpperCase()) : undefined;
  const day = new Date(`${text.slice(0, 10)}T00:00:00Z`);
  if (time && !Number.isNaN(time.getTime()) && day.toISOString().startsWith(text.slice(0, 10)))
    return checkedTime(time);
  throw new CelError(`"${text.slice(0, 80)}" is no time such as 2026-01-02T03:04:05Z`);
};

const timeOfSeconds = (seconds: bigint): Date => checkedTime(new Date(Number(seconds) * 1000));

const units: Readonly<Record<string, bigint>> = {
  h: 3600n * second,
  m: 60n * second,
  s: second,
  ms: 1_000_000n,
  us: 1000n,
  µs: 1000n,
  ns: 1n,
};

/** A duration as Go writes it, such as `1h30m` or `-1.5s`. No text that is longer than its longest is tried. */
const durationIn = (text: string): Duration => {
  const size = /^[+-]/.test(text) ? text.slice(1) : text;
  const parts = text.length > 100 ? [] : [...size.matchAll(/(\d{1,20})?(?:\.(\d{0,20}))?(ns|us|µs|ms|s|m|h)/g)];
  const isWhole = parts.length > 0 && parts.map(([whole]) => whole).join("") === size;
  if (size === "0") return new Duration(0n, 0);
  if (!isWhole || parts.some(([, digits = "", fraction = ""]) => digits + fraction === ""))
    throw new CelError(`"${text.slice(0, 80)}" is no duration such as 1h30m or 1.5s`);
  const total = parts.reduce((sum, [, digits = "0", fraction = "", unit = "s"]) => {
    const nanoseconds = units[unit]!;
    return (
      sum + BigInt(digits) * nanoseconds + (BigInt(fraction || "0") * nanoseconds) / 10n ** BigInt(fraction.length)
    );
  }, 0n);
  return durationOf(text.startsWith("-") ? -total : total);
};

const zones = new LRUCache<string, Zone>({ max: 100 });

const zoneNamed = (name: string): Zone => {
  const zone = zones.get(name) ?? (name.length > 64 ? undefined : zoneOf(/^\d\d:\d\d$/.test(name) ? `+${name}` : name));
  if (!zone) throw new CelError(`"${name.slice(0, 80)}" is no time zone such as Europe/Berlin or +02:00`);
  zones.set(name, zone);
  return zone;
};

/** A time whose UTC is what the clocks of a zone show. */
const shownIn = (time: Date, zone: string): Date => new Date(time.getTime() + zoneNamed(zone)(time.getTime()) * 60_000);

const parts: Readonly<Record<string, (time: Date) => number>> = {
  getDate: (time) => time.getUTCDate(),
  getDayOfMonth: (time) => time.getUTCDate() - 1,
  getDayOfWeek: (time) => time.getUTCDay(),
  getDayOfYear: (time) => Math.floor((time.getTime() - Date.UTC(time.getUTCFullYear(), 0, 1)) / 86_400_000),
  getFullYear: (time) => time.getUTCFullYear(),
  getHours: (time) => time.getUTCHours(),
  getMilliseconds: (time) => time.getUTCMilliseconds(),
  getMinutes: (time) => time.getUTCMinutes(),
  getMonth: (time) => time.getUTCMonth(),
  getSeconds: (time) => time.getUTCSeconds(),
};

export const timeFunctions: Signatures = {
  [`timestamp(string): ${timestampType}`]: timeIn,
  [`timestamp(int): ${timestampType}`]: timeOfSeconds,
  [`timestamp(${timestampType}): ${timestampType}`]: (time: Date) => time,
  [`duration(string): ${durationType}`]: durationIn,
  [`duration(${durationType}): ${durationType}`]: (duration: Duration) => duration,
  ...Object.fromEntries(
    Object.entries(parts).flatMap(([name, read]) => [
      [`${timestampType}.${name}(): int`, (time: Date) => BigInt(read(time))],
      [`${timestampType}.${name}(string): int`, (time: Date, zone: string) => BigInt(read(shownIn(time, zone)))],
    ]),
  ),
  [`${durationType}.getHours(): int`]: ({ seconds }: Duration) => seconds / 3600n,
  [`${durationType}.getMinutes(): int`]: ({ seconds }: Duration) => seconds / 60n,
  [`${durationType}.getSeconds(): int`]: ({ seconds }: Duration) => seconds,
  [`${durationType}.getMilliseconds(): int`]: ({ nanos }: Duration) => BigInt(Math.trunc(nanos / 1e6)),
};
