import * as layout from "./layout.ts";

const quote = 0x22;
const backslash = 0x5c;
const lowerU = 0x75;
const zero = 0x30;

/**
 * Writes the text in `bytes[start, end)`, which is valid, to `to`, without its escapes, and returns where it ends there; or 0 if it
 * has an escape for something beyond ASCII. For the plain engine.
 */
export const unescaped = (bytes: Uint8Array, start: number, end: number, to: number): number => {
  for (let from = start; from < end; to++) {
    const letter = bytes[from] === backslash ? bytes[from + 1]! : 0;
    if (letter === 0) bytes[to] = bytes[from++]!;
    else if (letter !== lowerU) {
      bytes[to] = bytes[layout.unescapedAt + letter]!;
      from += 2;
    } else {
      const high = digit(bytes[from + 4]!);
      if (bytes[from + 2] !== zero || bytes[from + 3] !== zero || high > 7) return 0;
      bytes[to] = (high << 4) | digit(bytes[from + 5]!);
      from += 6;
    }
  }
  return to;
};

/** Whether a text needs no escapes: it has no quotes, backslashes and control characters. */
export const isPlain = (bytes: Uint8Array, start: number, end: number): boolean => {
  for (let at = start; at < end; at++) {
    const c = bytes[at]!;
    if (c < 0x20 || c === quote || c === backslash) return false;
  }
  return true;
};

/** The value of a hexadecimal digit. */
const digit = (c: number): number => (c & 15) + (c > 0x39 ? 9 : 0);
