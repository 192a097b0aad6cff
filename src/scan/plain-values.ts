import * as layout from "./layout.ts";
import { longestEscaped, longestValue } from "./limits.ts";
import { hasAny, hasNone, plainParts } from "./plain-parts.ts";
import { isPlain, unescaped } from "./plain-unescaped.ts";

/** The values of leaves, for the plain engine: where they are in a record, and what is known of them. */
export interface PlainValues {
  /** From now on, these leaves have no value; a bit for each. */
  readonly forget: (leaves: number) => void;
  /** From now on, a leaf has this value, which is such a text. */
  readonly note: (leaf: number, start: number, end: number, textKind: number) => void;
  /** From now on, these leaves have the values of an array's items, which are not looked into. */
  readonly pool: (leaves: number, start: number) => void;
  readonly start: (leaf: number) => number;
  readonly end: (leaf: number) => number;
  /** What the values of a record say: why it is found, or that it is passed over. */
  readonly verdict: () => number;
  /** The first leaf whose value is not known, if that is the verdict. */
  readonly unknownLeaf: () => number;
  readonly hash: (leaf: number, at: number, length: number) => number;
  /** Whether two runs of bytes are the same. */
  readonly same: (one: number, other: number, length: number) => boolean;
}

const quote = 0x22;

export const plainValues = (bytes: Uint8Array, numbers: Int32Array): PlainValues => {
  let present = 0;
  let unknown = 0;
  /** Of a value that is not known: the address of what it says at most; 0: it may say anything. */
  let atMost = 0;
  const partsIn = plainParts(bytes, numbers);

  const spanOf = (leaf: number): number => (layout.spansAt + leaf * layout.spanBytes) >> 2;
  const start = (leaf: number): number => numbers[spanOf(leaf)]!;
  const end = (leaf: number): number => numbers[spanOf(leaf) + (layout.spanEndOffset >> 2)]!;

  const verdict = (): number => {
    const words = numbers[layout.setBytesAt >> 2]! >> 2;
    if (words === 0) return layout.passedOver;
    const count = numbers[layout.leafCountAt >> 2]!;
    const current = layout.currentSetAt >> 2;
    let left = layout.allAlternativesAt >> 2;
    let outcome = layout.isWanted as number;
    for (let leaf = 0; leaf < count; leaf++) {
      let set = alternativesOf(leaf) >> 2;
      if (set === 0) {
        if (end(leaf) - start(leaf) > longestValue) outcome = layout.isAsked;
        else if (outcome === layout.isWanted) {
          outcome = layout.isUnknown;
          unknown = leaf;
        }
        set = atMost >> 2;
        if (set === 0) continue;
      }
      let any = 0;
      for (let word = 0; word < words; word++) {
        const both = numbers[left + word]! & numbers[set + word]!;
        numbers[current + word] = both;
        any |= both;
      }
      if (any === 0) return layout.passedOver;
      left = current;
    }
    return outcome;
  };

  const alternativesOf = (leaf: number): number => {
    const plan = (layout.leavesAt + leaf * layout.leafBytes) >> 2;
    if (((present >>> leaf) & 1) === 0) return numbers[plan + (layout.absentOffset >> 2)]!;
    const set = knownValue(leaf, start(leaf), end(leaf));
    if (set !== 0) return set;
    const others = numbers[plan + (layout.otherTextsOffset >> 2)]!;
    const kind = numbers[spanOf(leaf) + (layout.textKindOffset >> 2)]!;
    atMost = 0;
    let said = 0;
    if (others !== 0 && kind === layout.plainText) said = saidByText(leaf, start(leaf), end(leaf));
    if (others !== 0 && kind === layout.escapedText) said = saidByEscaped(leaf, start(leaf), end(leaf));
    return said !== 0 || atMost !== 0 ? said : numbers[plan + (layout.openOffset >> 2)]!;
  };

  /** What a text with escapes says: as it would be written without them. 0: see `atMost`. */
  const saidByEscaped = (leaf: number, from: number, to: number): number => {
    if (to - from > longestEscaped) return 0;
    const first = layout.valueTextAt;
    const last = unescaped(bytes, from + 1, to - 1, first + 1);
    if (last === 0 || !isPlain(bytes, first + 1, last)) return 0;
    bytes[first] = quote;
    bytes[last] = quote;
    return knownValue(leaf, first, last + 1) || saidByText(leaf, first, last + 1);
  };

  /** What a text without escapes says that is not known, of a leaf with other texts. 0: see `atMost`. */
  const saidByText = (leaf: number, from: number, to: number): number => {
    const plan = (layout.leavesAt + leaf * layout.leafBytes) >> 2;
    const others = numbers[plan + (layout.otherTextsOffset >> 2)]!;
    const window = numbers[plan + (layout.windowOffset >> 2)]!;
    if (window === 0) return others;
    // Between the quotes.
    const parts = partsIn(leaf, from + 1, to - 1, window, others);
    if (parts === hasNone) return others;
    if (parts !== hasAny) return 0;
    if (numbers[plan + (layout.openOffset >> 2)] !== 0) return layout.textSetAt;
    atMost = layout.textSetAt;
    return 0;
  };

  const knownValue = (leaf: number, at: number, to: number): number => {
    const length = to - at;
    if (length > longestValue) return 0;
    const wanted = hash(leaf, at, length);
    for (let slot = wanted; ; slot++) {
      const index = (layout.slotsAt + (slot & (layout.slotCount - 1)) * layout.slotBytes) >> 2;
      const known = numbers[index + 1]!;
      if (known === 0) return 0;
      if (
        numbers[index] === wanted &&
        numbers[known >> 2] === leaf &&
        numbers[(known + layout.valueLengthOffset) >> 2] === length &&
        same(at, known + layout.valueBytesOffset, length)
      )
        return numbers[(known + layout.valueSetOffset) >> 2]!;
    }
  };

  /** FNV-1a, and the high bits mixed into those that choose the slot. */
  const hash = (leaf: number, at: number, length: number): number => {
    let bits = 0x811c9dc5 ^ leaf;
    for (let index = at; index < at + length; index++) bits = Math.imul(bits ^ bytes[index]!, 0x01000193);
    return bits ^ (bits >>> 15);
  };

  const same = (one: number, other: number, length: number): boolean => {
    for (let index = 0; index < length; index++) if (bytes[one + index] !== bytes[other + index]) return false;
    return true;
  };

  const note = (leaf: number, from: number, to: number, textKind: number): void => {
    const span = spanOf(leaf);
    numbers[span] = from;
    numbers[span + (layout.spanEndOffset >> 2)] = to;
    numbers[span + (layout.textKindOffset >> 2)] = textKind;
    present |= 1 << leaf;
  };

  return {
    forget: (leaves) => {
      present &= ~leaves;
    },
    note,
    // As if the value of each were too long to be known.
    pool: (leaves, from) => {
      for (let rest = leaves; rest !== 0; rest &= rest - 1)
        note(31 - Math.clz32(rest & -rest), from, from + longestValue + 1, layout.noText);
    },
    start,
    end,
    verdict,
    unknownLeaf: () => unknown,
    hash,
    same,
  };
};
