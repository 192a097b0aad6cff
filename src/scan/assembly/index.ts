import {
  blockAt,
  envelopeAt,
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
  textAt,
  valueEndOffset,
  valueStartOffset,
  whyOffset,
} from "../layout";
import { longestRecord, longestTime } from "../limits";
import { unescapedText } from "./envelope";
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
  areLines = true;
  begin();
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
  areLines = false;
  begin();
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

/** Whether the records of the block are lines. */
let areLines: bool = false;

/** Whether the last record was an envelope. */
let isEnvelope: bool = false;

function begin(): void {
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

/** A record or an envelope, from its brace; returns where it ends, or 0. */
// @ts-ignore: decorator
@inline
function record(at: usize): usize {
  if (byte(at) != grammar.openBrace) return 0;
  const envelope = <usize>load<u32>(envelopeAt);
  // What is an envelope is no record by itself, so it does not matter which is tried first: records are alike.
  const isFirst = isEnvelope;
  const end = objectAs(at, isFirst ? envelope : <usize>objectsAt);
  if (!end || !isOtherwise || !envelope) return end;
  isEnvelope = !isFirst;
  objectAs(at, isFirst ? <usize>objectsAt : envelope);
  // If it is neither, the next is more likely a record.
  if (isOtherwise) isEnvelope = false;
  return end;
}

/** An object from its brace, of which this is known. */
function objectAs(at: usize, plan: usize): usize {
  grammar.beginRecord();
  expectAsPlanned();
  forgetValues(u32.MAX_VALUE);
  return plannedObject(at, plan);
}

/** What becomes of a record that is valid. */
// @ts-ignore: decorator
@inline
function settle(start: usize, end: usize): void {
  const isKnown = !isOtherwise && end - start <= <usize>longestRecord;
  const why = !isKnown ? isAsked : isEnvelope ? verdictInside() : verdict();
  if (why == passedOver) records++;
  else settleAs(why, start, end);
}

/** What the record in an envelope says. */
function verdictInside(): u32 {
  const end = unescapedText();
  if (!end) return isAsked;
  grammar.allowLineFeeds(true);
  let at = grammar.afterSpace(textAt);
  at = byte(at) == grammar.openBrace ? objectAs(at, objectsAt) : 0;
  if (at) at = grammar.afterSpace(at);
  grammar.allowLineFeeds(!areLines);
  return at != end || isOtherwise ? isAsked : verdict();
}

function settleAs(why: u32, start: usize, end: usize): void {
  const at = <usize>(foundAt + found * foundBytes);
  store<u32>(at, <u32>(start - blockAt));
  store<u32>(at, <u32>(end - blockAt), foundEndOffset);
  store<u32>(at, why, whyOffset);
  if (why == isUnknown) {
    store<u32>(at, unknownLeaf, foundLeafOffset);
    // A value in an envelope is in no place of the block.
    store<u32>(at, isEnvelope ? 0 : valueStart(unknownLeaf) - blockAt, valueStartOffset);
    store<u32>(at, isEnvelope ? 0 : valueEnd(unknownLeaf) - blockAt, valueEndOffset);
  }
  records++;
  found++;
}
