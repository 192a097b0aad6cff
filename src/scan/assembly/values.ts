import {
  absentOffset,
  allAlternativesAt,
  currentSetAt,
  isAsked,
  isUnknown,
  isWanted,
  leafBytes,
  leafCountAt,
  leavesAt,
  escapedText,
  noText,
  openOffset,
  otherTextsOffset,
  passedOver,
  plainText,
  setBytesAt,
  slotBytes,
  slotCount,
  slotsAt,
  spanBytes,
  spanEndOffset,
  spansAt,
  textKindOffset,
  textSetAt,
  valueBytesOffset,
  valueLengthOffset,
  valueSetOffset,
  valueTextAt,
  windowOffset,
} from "../layout";
import { longestEscaped, longestValue } from "../limits";
import { quote } from "./grammar";
import { same } from "./memory";
import { hasAny, hasNone, partsIn } from "./parts";
import { isPlain, unescaped } from "./unescaped";

// The values of leaves: where they are in a record, and what is known of them.

/** Which leaves have a value in this record: a bit for each. */
let present: u32 = 0;

/** With `isUnknown`: the first leaf whose value is not known. */
export let unknownLeaf: u32 = 0;

// @ts-ignore: decorator
@inline
function spanOf(leaf: u32): usize {
  return spansAt + leaf * spanBytes;
}

/** From now on, these leaves have no value. */
// @ts-ignore: decorator
@inline
export function forgetValues(leaves: u32): void {
  present &= ~leaves;
}

/** From now on, a leaf has this value, which is such a text. */
// @ts-ignore: decorator
@inline
export function noteValue(leaf: u32, start: usize, end: usize, textKind: u32): void {
  const span = spanOf(leaf);
  store<u32>(span, <u32>start);
  store<u32>(span, <u32>end, spanEndOffset);
  store<u32>(span, textKind, textKindOffset);
  present |= 1 << leaf;
}

/**
 * From now on, these leaves have the values of an array's items, which are not looked into: as if the value of each were too
 * long to be known.
 */
export function poolValues(leaves: u32, start: usize): void {
  for (; leaves; leaves &= leaves - 1) noteValue(ctz(leaves), start, start + longestValue + 1, noText);
}

// @ts-ignore: decorator
@inline
export function valueStart(leaf: u32): u32 {
  return load<u32>(spanOf(leaf));
}

// @ts-ignore: decorator
@inline
export function valueEnd(leaf: u32): u32 {
  return load<u32>(spanOf(leaf), spanEndOffset);
}

/**
 * What the values of a record say: it is passed over if no alternative is left, whatever those say that are not known. If one
 * is left, it depends on whether all are known.
 */
export function verdict(): u32 {
  const bytes: usize = load<u32>(setBytesAt);
  if (!bytes) return passedOver;
  const count = load<u32>(leafCountAt);
  let left: usize = allAlternativesAt;
  let outcome: u32 = isWanted;
  for (let leaf: u32 = 0; leaf < count; leaf++) {
    let set = alternativesOf(leaf);
    if (!set) {
      if (valueEnd(leaf) - valueStart(leaf) > <u32>longestValue) outcome = isAsked;
      else if (outcome == isWanted) {
        outcome = isUnknown;
        unknownLeaf = leaf;
      }
      set = atMost;
      if (!set) continue;
    }
    let any = i64x2.splat(0);
    for (let at: usize = 0; at < bytes; at += 16) {
      const both = v128.and(v128.load(left + at), v128.load(set + at));
      v128.store(<usize>currentSetAt + at, both);
      any = v128.or(any, both);
    }
    if (!v128.any_true(any)) return passedOver;
    left = currentSetAt;
  }
  return outcome;
}

/** Of a value that is not known: the address of what it says at most; 0: it may say anything. */
let atMost: usize = 0;

/** The address of the alternatives that may hold, as far as this leaf goes; 0: not known. */
// @ts-ignore: decorator
@inline
function alternativesOf(leaf: u32): usize {
  const plan = <usize>(leavesAt + leaf * leafBytes);
  if (!((present >> leaf) & 1)) return load<u32>(plan, absentOffset);
  const start = <usize>valueStart(leaf);
  const end = <usize>valueEnd(leaf);
  const set = knownValue(leaf, start, end);
  if (set) return set;
  const others = load<u32>(plan, otherTextsOffset);
  const kind = load<u32>(spanOf(leaf), textKindOffset);
  atMost = 0;
  let said: usize = 0;
  if (others && kind == plainText) said = saidByText(leaf, start, end);
  if (others && kind == escapedText) said = saidByEscaped(leaf, start, end);
  return said || atMost ? said : load<u32>(plan, openOffset);
}

/** What a text with escapes says: as it would be written without them. 0: see `atMost`. */
function saidByEscaped(leaf: u32, start: usize, end: usize): usize {
  if (end - start > <usize>longestEscaped) return 0;
  const textEnd = unescaped(start + 1, end - 1, valueTextAt + 1);
  if (!textEnd || !isPlain(valueTextAt + 1, textEnd)) return 0;
  store<u8>(valueTextAt, <u8>quote);
  store<u8>(textEnd, <u8>quote);
  const set = knownValue(leaf, valueTextAt, textEnd + 1);
  return set ? set : saidByText(leaf, valueTextAt, textEnd + 1);
}

/** What a text without escapes says that is not known, of a leaf with other texts. 0: see `atMost`. */
function saidByText(leaf: u32, start: usize, end: usize): usize {
  const plan = <usize>(leavesAt + leaf * leafBytes);
  const others = load<u32>(plan, otherTextsOffset);
  const window = load<u32>(plan, windowOffset);
  if (!window) return others;
  // Between the quotes.
  const parts = partsIn(leaf, start + 1, end - 1, window, others);
  if (parts == hasNone) return others;
  if (parts != hasAny) return 0;
  if (load<u32>(plan, openOffset)) return textSetAt;
  atMost = textSetAt;
  return 0;
}

/** The address of what is known of a value, or 0. */
function knownValue(leaf: u32, start: usize, end: usize): usize {
  const length = <u32>(end - start);
  if (length > <u32>longestValue) return 0;
  const hash = hashOf(leaf, start, length);
  let at = slotOf(hash);
  let known = <usize>load<u32>(at, 4);
  for (let next = hash + 1; known; next++) {
    if (
      load<u32>(at) == hash &&
      load<u32>(known) == leaf &&
      load<u32>(known, valueLengthOffset) == length &&
      same(start, known + valueBytesOffset, length)
    )
      return load<u32>(known, valueSetOffset);
    at = slotOf(next);
    known = <usize>load<u32>(at, 4);
  }
  return 0;
}

// @ts-ignore: decorator
@inline
function slotOf(hash: u32): usize {
  return slotsAt + (hash & (slotCount - 1)) * slotBytes;
}

/** A hash of all bytes of a value. */
export function hashOf(leaf: u32, start: usize, length: u32): u32 {
  let hash: u64 = (<u64>length << 8) | leaf;
  let rest = length;
  for (; rest >= 8; rest -= 8, start += 8) hash = mixed(hash ^ load<u64>(start));
  if (rest) hash = mixed(hash ^ (load<u64>(start) & ((<u64>1 << (rest << 3)) - 1)));
  return <u32>(hash >> 32);
}

// @ts-ignore: decorator
@inline
function mixed(bits: u64): u64 {
  const product = bits * 0x9e3779b97f4a7c15;
  return product ^ (product >> 32);
}
