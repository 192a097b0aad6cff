import { parseMoment } from "../fields/date.ts";

const perMilli = 1_000_000n;
const most = 2n ** 64n - 1n;

/** Nanoseconds since 1970 in ISO 8601, with milliseconds, or nanoseconds if there are any. */
export const isoOfNanos = (nanos: bigint): string => {
  const iso = new Date(Number(nanos / perMilli)).toISOString();
  const rest = nanos % perMilli;
  return rest === 0n ? iso : `${iso.slice(0, -1)}${String(rest).padStart(6, "0")}Z`;
};

/** Nanoseconds since 1970 of a date as an event has it; undefined for what is no date, or out of the range of 64 bits. */
export const nanosOf = (value: unknown): bigint | undefined => {
  const isDate = typeof value === "string" || typeof value === "number" || typeof value === "bigint";
  const moment = isDate ? parseMoment(String(value)) : undefined;
  if (!moment) return undefined;
  const nanos = BigInt(moment.at) * perMilli + BigInt(moment.nanos);
  // 0 would mean that it is not known.
  return nanos > 0n && nanos <= most ? nanos : undefined;
};
