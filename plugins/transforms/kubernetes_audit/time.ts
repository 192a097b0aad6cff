import { ExactNumber } from "weir/fields";

/** A number below this is in seconds: in milliseconds it would be before March 1973. */
const secondsBelow = 1e11;

/** Converts the time of an envelope to ISO text. ISO text stays as it is; numbers are seconds or milliseconds since 1970. */
export const timeOf = (value: unknown): string | undefined => {
  if (typeof value === "string") return isIso(value) ? value : undefined;
  if (value instanceof ExactNumber) return timeOf(Number(value));
  if (typeof value !== "number" || value <= 0) return undefined;
  const time = new Date(Math.round(value < secondsBelow ? value * 1_000 : value));
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
};

const isIso = (text: string): boolean => /^\d{4}-\d{2}-\d{2}T/.test(text) && !Number.isNaN(Date.parse(text));
