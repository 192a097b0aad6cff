import type { Encoding } from "../../encodings.ts";

/** How lines end in an encoding. */
export interface LineEnds {
  /** Bytes of a line feed. */
  readonly size: number;
  /** The index of the first line feed from `from` on, or -1. The block begins with a whole character. */
  find(block: Buffer, from: number): number;
  /** The end of the line `block[start, end)` without a carriage return. */
  trimmed(block: Buffer, start: number, end: number): number;
  /** Whether zero bytes before a line are no text. */
  readonly skipsZeros: boolean;
}

const lineFeed = 0x0a;
const carriageReturn = 0x0d;

/** Every encoding but UTF-16: a byte 0x0a is always a line feed. */
const byteLines: LineEnds = {
  size: 1,
  find: (block, from) => block.indexOf(lineFeed, from),
  trimmed: (block, start, end) => (end > start && block[end - 1] === carriageReturn ? end - 1 : end),
  skipsZeros: true,
};

/** `low`: where in a unit its low byte is. */
const unitLines = (low: 0 | 1): LineEnds => ({
  size: 2,
  find: (block, from) => {
    for (let at = block.indexOf(lineFeed, from); at >= 0; at = block.indexOf(lineFeed, at + 1)) {
      const unit = at - low;
      if (unit >= from && unit % 2 === 0 && block[unit + 1 - low] === 0) return unit;
    }
    return -1;
  },
  trimmed: (block, start, end) =>
    end - start >= 2 && block[end - 2 + low] === carriageReturn && block[end - 1 - low] === 0 ? end - 2 : end,
  skipsZeros: false,
});

const littleEndian = unitLines(0);
const bigEndian = unitLines(1);

export const lineEndsOf = (encoding: Encoding): LineEnds => {
  if (encoding === "utf-16le") return littleEndian;
  return encoding === "utf-16be" ? bigEndian : byteLines;
};
