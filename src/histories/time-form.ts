import { parseTime, timeText } from "../detection/event-time.ts";

/**
 * A time as an export has it: ISO 8601 if that is exact, otherwise milliseconds since 1970, or `Infinity` as text. A plugin
 * can measure expiry by anything.
 */
export const encodeTime = (at: number): string | number => {
  if (!Number.isFinite(at)) return String(at);
  const text = Number.isInteger(at) && Math.abs(at) <= 8.64e15 ? timeText(at) : undefined;
  return text !== undefined && parseTime(text) === at ? text : at;
};

/** `undefined` if it is no time. */
export const decodeTime = (given: unknown): number | undefined => {
  if (typeof given === "number") return Number.isFinite(given) ? given : undefined;
  if (typeof given !== "string" || given.length > 40) return undefined;
  return given === "Infinity" || given === "-Infinity" ? Number(given) : parseTime(given);
};
