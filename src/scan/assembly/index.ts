import {
  blockAt,
  foundAt,
  foundBytes,
  foundCountAt,
  foundEndOffset,
  foundLeafOffset,
  hasOthersAt,
  hasPrefixesAt,
  isAsked,
  isUnknown,
  mostFound,
  objectsAt,
  passedOver,
  reachedAt,
  recordsAt,
  valueEndOffset,
  valueStartOffset,
  whyOffset,
} from "../layout";
import { longestRecord, longestTime } from "../limits";
import * as grammar from "./grammar";
import { byte, find } from "./memory";
import { expectAsPlanned, isOtherwise, plannedObject } from "./members";
import { forgetValues, hashOf, unknownLeaf, valueEnd, valueStart, verdict } from "./values";

export { outline } from "./outline";

// What the host calls. It writes the block, the plan and what is known into the memory, as layout.ts says.

/** The hash of a value of a leaf; the bytes are anywhere in the memory. */
export function hash(leaf: u32, at: u32, length: u32): u32 {
  return hashOf(leaf, at, length);
}

/** Scans the lines in the first `length` bytes of the block; the last of them is a line feed. */
export function lines(length: u32): void {
  const end: usize = blockAt + length;
  let at: usize = blockAt;
  begin(true);
  while (at < end && found < <u32>mostFound) {
    const start = at;
    at = grammar.afterSpace(start);
    if (byte(at) != grammar.openBrace && load<u32>(hasPrefixesAt)) at = afterPrefix(at);
    at = record(at);
    if (at) at = grammar.afterSpace(at);
    if (at && byte(at) == grammar.lineFeed) settle(start, at);
    else {
      at = find(grammar.lineFeed, start);
      settleAs(isAsked, start, at);
    }
    at++;
  }
  finish(at);
}

/** Scans items of an array in the first `length` bytes of the block. */
export function items(length: u32): void {
  const end: usize = blockAt + length;
  begin(false);
  let at = grammar.afterSpace(blockAt);
  while (found < <u32>mostFound) {
    const itemEnd = record(at);
    if (!itemEnd) break;
    let next = grammar.afterSpace(itemEnd);
    // An item is one only if it is certain that another begins or the array ends: else it is scanned again with what follows.
    if (byte(next) == grammar.comma) {
      next = grammar.afterSpace(next + 1);
      if (next == end || byte(next) == grammar.closeBracket) break;
    } else if (byte(next) != grammar.closeBracket) break;
    settle(at, itemEnd);
    at = next;
  }
  finish(at);
}

/** What a container runtime writes before a line; where that ends, or where it began if it is something else. */
function afterPrefix(start: usize): usize {
  let at = start;
  while (at - start <= <usize>longestTime && isOfTime(byte(at))) at++;
  if (at == start || at - start > <usize>longestTime) return start;
  const stream = load<u64>(at);
  // " stdout " and " stderr ", then "F ".
  const isPrefix = (stream == 0x2074756f64747320 || stream == 0x2072726564747320) && load<u16>(at, 8) == 0x2046;
  return isPrefix ? at + 10 : start;
}

/** Letters, digits, and `+`, `-`, `.` and `:`. */
// @ts-ignore: decorator
@inline
function isOfTime(c: u32): bool {
  return (c | 0x20) - 0x61 < 26 || c - 0x30 <= 10 || c == 0x2b || c == 0x2d || c == 0x2e;
}

/** How many records were scanned, and how many of them found. */
let records: u32 = 0;
let found: u32 = 0;

function begin(areLines: bool): void {
  grammar.beginBlock(areLines);
  records = 0;
  found = 0;
}

function finish(at: usize): void {
  store<u32>(recordsAt, records);
  store<u32>(foundCountAt, found);
  store<u32>(reachedAt, <u32>(at - blockAt));
  store<u32>(hasOthersAt, <u32>grammar.hasOthers());
}

/** A record, from its brace; returns where it ends, or 0. */
// @ts-ignore: decorator
@inline
function record(at: usize): usize {
  if (byte(at) != grammar.openBrace) return 0;
  grammar.beginRecord();
  expectAsPlanned();
  forgetValues(u32.MAX_VALUE);
  return plannedObject(at, objectsAt);
}

/** What becomes of a record that is valid. */
// @ts-ignore: decorator
@inline
function settle(start: usize, end: usize): void {
  const why = isOtherwise || end - start > <usize>longestRecord ? isAsked : verdict();
  if (why == passedOver) records++;
  else settleAs(why, start, end);
}

function settleAs(why: u32, start: usize, end: usize): void {
  const at = <usize>(foundAt + found * foundBytes);
  store<u32>(at, <u32>(start - blockAt));
  store<u32>(at, <u32>(end - blockAt), foundEndOffset);
  store<u32>(at, why, whyOffset);
  if (why == isUnknown) {
    store<u32>(at, unknownLeaf, foundLeafOffset);
    store<u32>(at, valueStart(unknownLeaf) - blockAt, valueStartOffset);
    store<u32>(at, valueEnd(unknownLeaf) - blockAt, valueEndOffset);
  }
  records++;
  found++;
}
