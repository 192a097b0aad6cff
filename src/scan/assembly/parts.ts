import {
  masksAt,
  partLeafOffset,
  partLengthOffset,
  partSetOffset,
  partTextOffset,
  partWindowOffset,
  setBytesAt,
  textSetAt,
  windowBitsAt,
  windowSlotCount,
  windowSlotsAt,
} from "../layout";
import { byte } from "./memory";

// The parts of texts that conditions ask for. Each has a window of up to four bytes that few others have. The windows of a text are
// looked up in a set of bits; only where one is there, a part is compared.

/** Which parts a text has: none, some, or it is not certain. */
export const hasNone: u32 = 0;
export const hasAny: u32 = 1;
const isUncertain: u32 = 2;

/** In every byte, the bit that is the case of a letter. */
const caseBits: u32 = 0x20202020;

/** Looks for the parts of a leaf in a text. If it has any, what they and `others` say is written to `textSetAt`. */
export function partsIn(leaf: u32, start: usize, end: usize, window: u32, others: usize): u32 {
  const width: usize = 4 - (clz(window) >> 3);
  const seed = leaf * 0x85ebca6b;
  let all: u32 = 0;
  let found = hasNone;
  let at = start;
  for (; at + width <= end; at++) {
    const bytes = load<u32>(at) & window;
    all |= bytes;
    const hash = (((bytes | (caseBits & window)) ^ seed) * 0x9e3779b1) >> 16;
    if (!((byte(windowBitsAt + (hash >> 3)) >> (hash & 7)) & 1)) continue;
    let part = <usize>load<u32>(windowSlotsAt + ((hash & (windowSlotCount - 1)) << 2));
    for (; part; part = load<u32>(part)) {
      if (load<u32>(part, partLeafOffset) != leaf || !isThere(part, at, start, end)) continue;
      if (found == hasNone) addSet(others, true);
      found = hasAny;
      addSet(load<u32>(part, partSetOffset), false);
    }
  }
  // Texts that are shorter than a window, and the last bytes of others.
  for (; at < end; at++) all |= byte(at);
  return all & 0x80808080 ? isUncertain : found;
}

/** Whether a part is in a text, with its window at this address. */
function isThere(part: usize, window: usize, start: usize, end: usize): bool {
  let at = window - load<u32>(part, partWindowOffset);
  let length = <usize>load<u32>(part, partLengthOffset);
  if (at < start || at + length > end) return false;
  const cases = i8x16.splat(0x20);
  let text = part + partTextOffset;
  for (; length >= 16; length -= 16, at += 16, text += 16) {
    if (v128.any_true(v128.xor(v128.or(v128.load(at), cases), v128.load(text)))) return false;
  }
  const rest = v128.load(<usize>masksAt + (length << 4));
  return !v128.any_true(v128.and(v128.xor(v128.or(v128.load(at), cases), v128.load(text)), rest));
}

/** Adds a set to that of the text, or begins with it. */
function addSet(set: usize, isFirst: bool): void {
  const bytes: usize = load<u32>(setBytesAt);
  for (let at: usize = 0; at < bytes; at += 16) {
    const added = v128.load(set + at);
    v128.store(<usize>textSetAt + at, isFirst ? added : v128.or(added, v128.load(<usize>textSetAt + at)));
  }
}
