import { escapesAt, hexDigitsAt } from "../layout";
import { deepestRecord } from "../limits";
import { byte } from "./memory";

// The grammar of JSON (RFC 8259), as JSON.parse accepts it, for bytes: those above 0x7f mean nothing. A function is given where
// something begins and returns where it ends, or 0 if it is not JSON. It is a plain recursive descent; only texts, of which most of
// a record consists, are read 16 bytes at a time.

export const quote: u32 = 0x22;
export const comma: u32 = 0x2c;
export const colon: u32 = 0x3a;
export const openBracket: u32 = 0x5b;
export const closeBracket: u32 = 0x5d;
export const openBrace: u32 = 0x7b;
export const closeBrace: u32 = 0x7d;
export const lineFeed: u32 = 0x0a;
const space: u32 = 0x20;
const tab: u32 = 0x09;
const carriageReturn: u32 = 0x0d;
export const backslash: u32 = 0x5c;

/** How many objects and arrays are open. */
let depth: u32 = 0;

/** A fourth byte that is white space: a line feed, unless it ends a record. */
let otherSpace: u32 = space;

/** Whether a text that was read since this was set to false has a backslash. */
export let hasEscapes: bool = false;

export function forgetEscapes(): void {
  hasEscapes = false;
}

/** All bytes of the texts in a block, and of what is beside them: the highest bit of one is 1 if that of any is. */
let allBytes: v128 = i64x2.splat(0);

/** Before the records of a block: whether a line feed ends one. */
export function beginBlock(areLines: bool): void {
  allowLineFeeds(!areLines);
  allBytes = i64x2.splat(0);
}

/** Whether a text in the block may have a byte above 0x7f; the rest of JSON has none. */
export function hasOthers(): bool {
  return i8x16.bitmask(allBytes) != 0;
}

/** Whether a line feed is white space from now on. */
export function allowLineFeeds(areAllowed: bool): void {
  otherSpace = areAllowed ? lineFeed : space;
}

/** Before each record. */
export function beginRecord(): void {
  depth = 0;
}

/** Enters an object or array, if it is not too deep. */
// @ts-ignore: decorator
@inline
export function enter(): bool {
  return ++depth <= <u32>deepestRecord;
}

/** Leaves it. */
// @ts-ignore: decorator
@inline
export function leave(): void {
  depth--;
}

/** The first byte that is not white space. */
// @ts-ignore: decorator
@inline
export function afterSpace(at: usize): usize {
  return byte(at) > space ? at : afterSomeSpace(at);
}

function afterSomeSpace(at: usize): usize {
  const other = otherSpace;
  let c = byte(at);
  while (c == space || c == other || c == tab || c == carriageReturn) c = byte(++at);
  return at;
}

/** Any value. */
export function value(at: usize): usize {
  const c = byte(at);
  if (c == quote) return text(at);
  if (c == openBrace) return object(at);
  if (c == openBracket) return array(at);
  return scalar(at);
}

/** A text, from its first quote. */
// @ts-ignore: decorator
@inline
export function text(at: usize): usize {
  const backslashes = i8x16.splat(<i8>backslash);
  const two = i8x16.splat(2);
  const controls = i8x16.splat(0x20);
  at++;
  let all = allBytes;
  do {
    const bytes = v128.load(at);
    all = v128.or(all, bytes);
    // With this bit the other way, a quote is 0x20, and no other byte that may be there is less.
    const turned = v128.xor(bytes, two);
    const isLow = i8x16.eq(i8x16.min_u(turned, controls), turned);
    const stops = i8x16.bitmask(v128.or(i8x16.eq(bytes, backslashes), isLow));
    if (stops) {
      at += ctz(stops);
      const c = byte(at);
      if (c == quote) {
        allBytes = all;
        return at + 1;
      }
      if (c != backslash) return 0;
      hasEscapes = true;
      at = afterEscape(at);
    } else at += 16;
  } while (at);
  return 0;
}

/** An escape in a text, from its backslash. */
function afterEscape(at: usize): usize {
  const kind = byte(escapesAt + byte(at + 1));
  if (kind == 1) return at + 2;
  return kind && isHexDigit(at + 2) && isHexDigit(at + 3) && isHexDigit(at + 4) && isHexDigit(at + 5) ? at + 6 : 0;
}

// @ts-ignore: decorator
@inline
function isHexDigit(at: usize): bool {
  return byte(hexDigitsAt + byte(at)) != 0;
}

function object(at: usize): usize {
  if (!enter()) return 0;
  at = afterSpace(at + 1);
  if (byte(at) != closeBrace) {
    for (;;) {
      if (byte(at) != quote) return 0;
      at = text(at);
      if (!at) return 0;
      at = afterSpace(at);
      if (byte(at) != colon) return 0;
      at = value(afterSpace(at + 1));
      if (!at) return 0;
      at = afterSpace(at);
      const c = byte(at);
      if (c == closeBrace) break;
      if (c != comma) return 0;
      at = afterSpace(at + 1);
    }
  }
  leave();
  return at + 1;
}

function array(at: usize): usize {
  if (!enter()) return 0;
  at = afterSpace(at + 1);
  if (byte(at) != closeBracket) {
    for (;;) {
      at = value(at);
      if (!at) return 0;
      at = afterSpace(at);
      const c = byte(at);
      if (c == closeBracket) break;
      if (c != comma) return 0;
      at = afterSpace(at + 1);
    }
  }
  leave();
  return at + 1;
}

/** A number, or one of the three words. What follows is looked at by whoever reads on. */
export function scalar(at: usize): usize {
  const word = load<u32>(at);
  if (word == 0x65757274 /* true */ || word == 0x6c6c756e /* null */) return at + 4;
  if (word == 0x736c6166 /* fals */) return byte(at + 4) == 0x65 /* e */ ? at + 5 : 0;
  return number(at);
}

function number(at: usize): usize {
  if (byte(at) == 0x2d /* - */) at++;
  at = byte(at) == 0x30 /* 0 */ ? at + 1 : digits(at);
  if (at && byte(at) == 0x2e /* . */) at = digits(at + 1);
  if (!at || (byte(at) | 0x20) != 0x65 /* e */) return at;
  const sign = byte(at + 1);
  return digits(sign == 0x2b /* + */ || sign == 0x2d /* - */ ? at + 2 : at + 1);
}

/** One digit at least. */
// @ts-ignore: decorator
@inline
function digits(at: usize): usize {
  if (!isDigit(at)) return 0;
  do at++;
  while (isDigit(at));
  return at;
}

// @ts-ignore: decorator
@inline
function isDigit(at: usize): bool {
  return byte(at) - 0x30 < 10;
}
