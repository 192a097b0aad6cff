import * as layout from "./layout.ts";
import { windowHash } from "./part-tables.ts";

/** Which parts a text has: none, some, or it is not certain. */
export const hasNone = 0;
export const hasAny = 1;
const isUncertain = 2;

/** Looks for the parts of a leaf in a text, for the plain engine. */
export type PartsIn = (leaf: number, start: number, end: number, window: number, others: number) => number;

export const plainParts = (bytes: Uint8Array, numbers: Int32Array): PartsIn => {
  const isThere = (part: number, window: number, start: number, end: number): boolean => {
    const at = window - numbers[(part + layout.partWindowOffset) >> 2]!;
    const length = numbers[(part + layout.partLengthOffset) >> 2]!;
    if (at < start || at + length > end) return false;
    const text = part + layout.partTextOffset;
    for (let index = 0; index < length; index++) if ((bytes[at + index]! | 0x20) !== bytes[text + index]) return false;
    return true;
  };

  const addSet = (set: number, isFirst: boolean): void => {
    const to = layout.textSetAt >> 2;
    const words = numbers[layout.setBytesAt >> 2]! >> 2;
    for (let word = 0; word < words; word++)
      numbers[to + word] = numbers[(set >> 2) + word]! | (isFirst ? 0 : numbers[to + word]!);
  };

  /** If the text has any parts, what they and `others` say is written to `textSetAt`. */
  return (leaf, start, end, window, others) => {
    const width = 4 - (Math.clz32(window) >> 3);
    let all = 0;
    let found = hasNone;
    for (let at = start; at < end; at++) {
      all |= bytes[at]!;
      if (at + width > end) continue;
      let text = 0;
      for (let index = width - 1; index >= 0; index--) text = (text << 8) | bytes[at + index]! | 0x20;
      const hash = windowHash(leaf, text);
      if (((bytes[layout.windowBitsAt + (hash >> 3)]! >> (hash & 7)) & 1) === 0) continue;
      let part = numbers[(layout.windowSlotsAt >> 2) + (hash & (layout.windowSlotCount - 1))]!;
      for (; part !== 0; part = numbers[part >> 2]!) {
        if (numbers[(part + layout.partLeafOffset) >> 2] !== leaf || !isThere(part, at, start, end)) continue;
        if (found === hasNone) addSet(others, true);
        found = hasAny;
        addSet(numbers[(part + layout.partSetOffset) >> 2]!, false);
      }
    }
    return all > 0x7f ? isUncertain : found;
  };
};
