import * as layout from "./layout.ts";

const backslash = 0x5c;
const lowerU = 0x75;
const zero = 0x30;

/**
 * Writes the text in `bytes[from, end)` to `textAt`, without its escapes, and returns where it ends there; or 0 if it has an escape
 * for something beyond ASCII. For the plain engine.
 */
export const unescapedText = (bytes: Uint8Array, start: number, end: number): number => {
  let to = layout.textAt;
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
  bytes.fill(0, to, to + layout.blockPadding);
  return to;
};

/** The value of a hexadecimal digit. */
const digit = (c: number): number => (c & 15) + (c > 0x39 ? 9 : 0);
