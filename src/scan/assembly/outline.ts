import { blockAt, mostNames, mostOutlined, namesNotedAt, outlineAt, outlineCountAt } from "../layout";
import {
  afterSpace,
  beginBlock,
  beginRecord,
  closeBrace,
  closeBracket,
  colon,
  comma,
  enter,
  forgetEscapes,
  hasEscapes,
  leave,
  openBrace,
  openBracket,
  quote,
  scalar,
  text,
} from "./grammar";
import { byte } from "./memory";
import { hashOf } from "./values";

// Where the members of a record are, and whether no object in it has two of the same name. Objects and arrays are read as the
// grammar reads them, but every name is noted.

/** How many names are noted: those in all objects that are open. */
let names: u32 = 0;

/** How many members of the record are outlined; more than fit are only counted. */
let outlined: u32 = 0;

/**
 * Outlines the record that the first `length` bytes of the block are. Returns whether it is certain that it is an object as
 * JSON.parse accepts it, in which no name repeats.
 */
export function outline(length: u32): bool {
  beginBlock(false);
  beginRecord();
  names = 0;
  outlined = 0;
  let at = afterSpace(blockAt);
  if (byte(at) != openBrace) return false;
  at = object(at, true);
  store<u32>(outlineCountAt, outlined);
  return at != 0 && afterSpace(at) == <usize>(blockAt + length);
}

function object(at: usize, isRecord: bool): usize {
  if (!enter()) return 0;
  const first = names;
  at = afterSpace(at + 1);
  if (byte(at) != closeBrace) {
    for (;;) {
      if (byte(at) != quote) return 0;
      const name = at;
      forgetEscapes();
      at = text(at);
      if (!at || hasEscapes || !note(name + 1, <u32>(at - name - 2), first)) return 0;
      const nameEnd = at;
      at = afterSpace(at);
      if (byte(at) != colon) return 0;
      const start = afterSpace(at + 1);
      at = value(start);
      if (!at) return 0;
      if (isRecord) place(name, nameEnd, start, at);
      at = afterSpace(at);
      const c = byte(at);
      if (c == closeBrace) break;
      if (c != comma) return 0;
      at = afterSpace(at + 1);
    }
  }
  names = first;
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

function value(at: usize): usize {
  const c = byte(at);
  if (c == quote) return text(at);
  if (c == openBrace) return object(at, false);
  if (c == openBracket) return array(at);
  return scalar(at);
}

/**
 * Notes a name of an object whose names are noted from `first` on, by its hash. False if it is there already, which may be by
 * chance, or if there is no room.
 */
// @ts-ignore: decorator
@inline
function note(name: usize, length: u32, first: u32): bool {
  if (names == <u32>mostNames) return false;
  const hash = hashOf(0, name, length);
  const each = i32x4.splat(hash);
  for (let at = first; at < names; at += 4) {
    let same = i32x4.bitmask(i32x4.eq(v128.load(namesNotedAt + (at << 2)), each));
    // What was noted there before means nothing.
    if (names - at < 4) same &= (1 << (names - at)) - 1;
    if (same) return false;
  }
  store<u32>(namesNotedAt + (names++ << 2), hash);
  return true;
}

// @ts-ignore: decorator
@inline
function place(name: usize, nameEnd: usize, start: usize, end: usize): void {
  if (outlined < <u32>mostOutlined) {
    const at = <usize>(outlineAt + (outlined << 4));
    store<u32>(at, <u32>(name - blockAt));
    store<u32>(at, <u32>(nameEnd - blockAt), 4);
    store<u32>(at, <u32>(start - blockAt), 8);
    store<u32>(at, <u32>(end - blockAt), 12);
  }
  outlined++;
}
