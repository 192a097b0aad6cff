import { longestTime } from "./limits.ts";

/** What a container runtime writes before a line; where that ends, or where it began if it is something else. For the plain engine. */
export const afterPrefix = (bytes: Uint8Array, start: number): number => {
  let at = start;
  while (at - start <= longestTime && isOfTime(bytes[at]!)) at++;
  if (at === start || at - start > longestTime) return start;
  return isAt(bytes, at, " stdout F ") || isAt(bytes, at, " stderr F ") ? at + 10 : start;
};

/** Letters, digits, and `+`, `-`, `.` and `:`. */
const isOfTime = (c: number): boolean =>
  ((c | 0x20) >= 0x61 && (c | 0x20) <= 0x7a) || (c >= 0x30 && c <= 0x3a) || c === 0x2b || c === 0x2d || c === 0x2e;

const isAt = (bytes: Uint8Array, at: number, text: string): boolean => {
  for (let index = 0; index < text.length; index++) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return true;
};
