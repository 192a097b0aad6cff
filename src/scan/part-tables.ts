import * as layout from "./layout.ts";
import { longestPart, mostParts } from "./limits.ts";
import type { Leaf, Part } from "./plan.ts";
import { setBytesOf, writeSet } from "./sets.ts";

/** The widest window of a part, in bytes. */
const widest = 4;

/** How many parts can be in a plan with so many alternatives. */
export const roomForParts = (alternatives: number): number =>
  Math.min(mostParts, Math.floor(layout.partSetsBytes / Math.max(setBytesOf(alternatives), 1)));

/** The hash of a window, which has 16 bits, as the engines compute it: `text` is its bytes, in each of which the bit of 0x20 is 1. */
export const windowHash = (leaf: number, text: number): number =>
  Math.imul(text ^ Math.imul(leaf, 0x85ebca6b), 0x9e3779b1) >>> 16;

/** Writes the parts of all leaves. Throws a RangeError if there are more than there can be, or if one is empty or not ASCII. */
export const writeParts = (memory: ArrayBuffer, leaves: readonly Leaf[], alternatives: number): void => {
  const numbers = new Uint32Array(memory);
  let count = 0;
  for (const [leaf, { parts }] of leaves.entries()) {
    if (parts === undefined) continue;
    const texts = parts.map(({ text }) => folded(text));
    const width = Math.min(widest, ...texts.map(({ length }) => length));
    numbers[(layout.leavesAt + leaf * layout.leafBytes + layout.windowOffset) >> 2] = 2 ** (8 * width) - 1;
    const offsets = windowsOf(texts, width);
    for (const [index, part] of parts.entries()) {
      if (count === roomForParts(alternatives))
        throw new RangeError(
          `A plan of ${alternatives} alternatives can have at most ${count} parts; this one has more.`,
        );
      writePart(memory, count++, { leaf, part, text: texts[index]!, offset: offsets[index]!, width, alternatives });
    }
  }
};

interface Placed {
  readonly leaf: number;
  readonly part: Part;
  readonly text: Buffer;
  /** Where the window is in the text, and how many bytes it has. */
  readonly offset: number;
  readonly width: number;
  readonly alternatives: number;
}

const writePart = (
  memory: ArrayBuffer,
  index: number,
  { leaf, part, text, offset, width, alternatives }: Placed,
): void => {
  const numbers = new Uint32Array(memory);
  const bytes = new Uint8Array(memory);
  const at = layout.partsAt + index * layout.partBytes;
  const set = layout.partSetsAt + index * setBytesOf(alternatives);
  // Of a long part, the bytes about its window.
  const from = Math.max(0, Math.min(offset + (width >> 1) - (longestPart >> 1), text.length - longestPart));
  const piece = text.subarray(from, from + longestPart);
  const hash = windowHash(leaf, text.readUIntLE(offset, width));
  const slot = (layout.windowSlotsAt >> 2) + (hash & (layout.windowSlotCount - 1));
  numbers[at >> 2] = numbers[slot]!;
  numbers[slot] = at;
  numbers[(at + layout.partLeafOffset) >> 2] = leaf;
  numbers[(at + layout.partLengthOffset) >> 2] = piece.length;
  numbers[(at + layout.partWindowOffset) >> 2] = offset - from;
  numbers[(at + layout.partSetOffset) >> 2] = set;
  bytes.set(piece, at + layout.partTextOffset);
  bytes[layout.windowBitsAt + (hash >> 3)]! |= 1 << (hash & 7);
  writeSet(numbers, set, part.alternatives, alternatives);
};

/** Where the window of each part is: the last of those that it shares with the fewest other parts. */
const windowsOf = (texts: readonly Buffer[], width: number): readonly number[] => {
  const counts = new Map<number, number>();
  for (const text of texts)
    for (const window of new Set(windowsIn(text, width))) counts.set(window, (counts.get(window) ?? 0) + 1);
  return texts.map((text) => {
    const own = windowsIn(text, width).map((window) => counts.get(window)!);
    return own.lastIndexOf(Math.min(...own));
  });
};

const windowsIn = (text: Buffer, width: number): readonly number[] =>
  Array.from({ length: text.length - width + 1 }, (_, at) => text.readUIntLE(at, width));

const folded = (text: string): Buffer => {
  if (!/^[\0-\x7f]+$/.test(text)) throw new RangeError(`A part of texts is ASCII and not empty; "${text}" is not.`);
  const bytes = Buffer.from(text);
  for (const [at, byte] of bytes.entries()) bytes[at] = byte | 0x20;
  return bytes;
};
