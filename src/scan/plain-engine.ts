import type { Engine } from "./engine.ts";
import * as layout from "./layout.ts";
import { deepestRecord, longestRecord } from "./limits.ts";
import { afterPrefix } from "./plain-prefix.ts";
import { unescaped } from "./plain-unescaped.ts";
import { type PlainValues, plainValues } from "./plain-values.ts";
import { bucketOf } from "./tables.ts";

const quote = 0x22;
const comma = 0x2c;
const dot = 0x2e;
const colon = 0x3a;
const openBracket = 0x5b;
const backslash = 0x5c;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const lineFeed = 0x0a;
const space = 0x20;

const { blockAt } = layout;

/**
 * The engine in plain TypeScript, function by function what src/scan/assembly is. It is one closure over its memory, because V8
 * makes the best code of that: nothing is allocated for a record, and all that is called for each byte is put in place.
 */
export const plainEngine = (): Engine => {
  const memory = new ArrayBuffer(layout.memoryBytes);
  const bytes = new Uint8Array(memory);
  const numbers = new Int32Array(memory);
  const values: PlainValues = plainValues(bytes, numbers);

  // Tables of 256 bytes, which a byte cannot be outside of: V8 then leaves out the check.
  const tableAt = (at: number) => bytes.subarray(at, at + 256);
  const types = tableAt(layout.typesAt);
  const escapes = tableAt(layout.escapesAt);
  const hexDigits = tableAt(layout.hexDigitsAt);
  /** 1 for a quote, a backslash and control characters. */
  const textStops = new Uint8Array(256).fill(1, 0, 0x20);
  textStops[quote] = 1;
  textStops[backslash] = 1;

  // The grammar. A function is given where something begins and returns where it ends, or 0 if it is not JSON.

  let depth = 0;
  let otherSpace = space;
  let hasEscapes = false;

  const afterSpace = (at: number): number => {
    let c = bytes[at]!;
    while (c <= space && (c === space || c === otherSpace || c === 0x09 || c === 0x0d)) c = bytes[++at]!;
    return at;
  };

  const value = (at: number): number => {
    const c = bytes[at]!;
    if (c === quote) return text(at);
    if (c === openBrace) return object(at);
    if (c === openBracket) return array(at);
    return scalar(at);
  };

  const text = (at: number): number => {
    at++;
    for (;;) {
      while (textStops[bytes[at]!] === 0) at++;
      const c = bytes[at]!;
      if (c === quote) return at + 1;
      if (c !== backslash) return 0;
      hasEscapes = true;
      const kind = escapes[bytes[at + 1]!];
      if (kind === 1) at += 2;
      else if (kind === 2 && isHexDigit(at + 2) && isHexDigit(at + 3) && isHexDigit(at + 4) && isHexDigit(at + 5))
        at += 6;
      else return 0;
    }
  };

  const isHexDigit = (at: number): boolean => hexDigits[bytes[at]!] !== 0;

  const object = (at: number): number => {
    if (++depth > deepestRecord) return 0;
    at = afterSpace(at + 1);
    if (bytes[at] !== closeBrace) {
      for (;;) {
        if (bytes[at] !== quote) return 0;
        at = text(at);
        if (at === 0) return 0;
        at = afterSpace(at);
        if (bytes[at] !== colon) return 0;
        at = value(afterSpace(at + 1));
        if (at === 0) return 0;
        at = afterSpace(at);
        const c = bytes[at];
        if (c === closeBrace) break;
        if (c !== comma) return 0;
        at = afterSpace(at + 1);
      }
    }
    depth--;
    return at + 1;
  };

  const array = (at: number): number => {
    if (++depth > deepestRecord) return 0;
    at = afterSpace(at + 1);
    if (bytes[at] !== closeBracket) {
      for (;;) {
        at = value(at);
        if (at === 0) return 0;
        at = afterSpace(at);
        const c = bytes[at];
        if (c === closeBracket) break;
        if (c !== comma) return 0;
        at = afterSpace(at + 1);
      }
    }
    depth--;
    return at + 1;
  };

  const scalar = (at: number): number => {
    const c = bytes[at];
    if (c === 0x74 /* t */) return is(at + 1, 0x72, 0x75, 0x65) ? at + 4 : 0;
    if (c === 0x6e /* n */) return is(at + 1, 0x75, 0x6c, 0x6c) ? at + 4 : 0;
    if (c === 0x66 /* f */) return is(at + 1, 0x61, 0x6c, 0x73) && bytes[at + 4] === 0x65 ? at + 5 : 0;
    return number(at);
  };

  const is = (at: number, first: number, second: number, third: number): boolean =>
    bytes[at] === first && bytes[at + 1] === second && bytes[at + 2] === third;

  const number = (at: number): number => {
    if (bytes[at] === 0x2d /* - */) at++;
    at = bytes[at] === 0x30 /* 0 */ ? at + 1 : digits(at);
    if (at !== 0 && bytes[at] === dot) at = digits(at + 1);
    if (at === 0 || (bytes[at]! | 0x20) !== 0x65 /* e */) return at;
    const sign = bytes[at + 1];
    return digits(sign === 0x2b /* + */ || sign === 0x2d /* - */ ? at + 2 : at + 1);
  };

  const digits = (at: number): number => {
    if (!isDigit(bytes[at]!)) return 0;
    do at++;
    while (isDigit(bytes[at]!));
    return at;
  };

  const isDigit = (c: number): boolean => c >= 0x30 && c <= 0x39;

  // Objects that the plan knows.

  let isOtherwise = false;
  let visits = 0;

  const plannedObject = (at: number, plan: number): number => {
    if (++depth > deepestRecord) return 0;
    visits = (visits + 1) | 0;
    const visit = visits;
    let missing = numbers[(plan + layout.requiredOffset) >> 2]!;
    at = afterSpace(at + 1);
    if (bytes[at] !== closeBrace) {
      for (;;) {
        if (bytes[at] !== quote) return 0;
        const name = at + 1;
        hasEscapes = false;
        at = text(at);
        if (at === 0) return 0;
        const length = at - 1 - name;
        if (hasEscapes) isOtherwise = true;
        at = afterSpace(at);
        if (bytes[at] !== colon) return 0;
        at = afterSpace(at + 1);
        const member = memberNamed(name, length, plan);
        if (member !== 0) {
          const visitIndex = (member + layout.visitOffset) >> 2;
          if (numbers[visitIndex] !== visit) {
            numbers[visitIndex] = visit;
            missing -= numbers[(member + layout.isRequiredOffset) >> 2]!;
          }
          at = plannedMember(at, member);
        } else {
          if (isAskedFor(name, length, plan)) isOtherwise = true;
          at = value(at);
        }
        if (at === 0) return 0;
        at = afterSpace(at);
        const c = bytes[at];
        if (c === closeBrace) break;
        if (c !== comma) return 0;
        at = afterSpace(at + 1);
      }
    }
    if (missing !== 0) isOtherwise = true;
    depth--;
    return at + 1;
  };

  const plannedMember = (start: number, member: number): number => {
    const first = bytes[start]!;
    const expected = numbers[(member + layout.memberTypesOffset) >> 2]!;
    if ((types[first]! & expected) === 0) isOtherwise = true;
    const child = numbers[(member + layout.objectOffset) >> 2]!;
    hasEscapes = false;
    let end: number;
    if (child !== 0) {
      const leaves = numbers[(child + layout.leavesOffset) >> 2]!;
      values.forget(leaves);
      if (first === openBracket) values.pool(leaves, start);
      end = first === openBrace ? plannedObject(start, child) : value(start);
    } else end = value(start);
    if (end === 0) return 0;
    const isText = first === quote;
    const isEmpty = end - start === 2;
    if (isText && isEmpty && numbers[(member + layout.isRequiredOffset) >> 2] !== 0) isOtherwise = true;
    const leaf = numbers[(member + layout.leafOffset) >> 2]!;
    if (leaf !== 0)
      values.note(
        leaf - 1,
        start,
        end,
        !isText || isEmpty ? layout.noText : hasEscapes ? layout.escapedText : layout.plainText,
      );
    return end;
  };

  const memberNamed = (name: number, length: number, plan: number): number => {
    const bucket = bucketOf(bytes[name]!, bytes[name + (length >> 1)]!, bytes[name + length - 1]!, length, plan);
    let member = numbers[(layout.bucketsAt >> 2) + bucket]!;
    while (member !== 0) {
      const index = member >> 2;
      if (
        numbers[index + (layout.nameLengthOffset >> 2)] === length &&
        numbers[index + (layout.ownerOffset >> 2)] === plan &&
        values.same(name, numbers[index + (layout.nameOffset >> 2)]!, length)
      )
        break;
      member = numbers[index + (layout.nextOffset >> 2)]!;
    }
    return member;
  };

  const isAskedFor = (name: number, length: number, plan: number): boolean => {
    const others = numbers[(plan + layout.othersOffset) >> 2]!;
    if (others === 0) return false;
    if (others === layout.askOthers) return true;
    for (let at = 1; at < length; at++) if (bytes[name + at] === dot) return memberNamed(name, at, plan) !== 0;
    return false;
  };

  // Blocks.

  let records = 0;
  let found = 0;
  let blockSpace = space;
  let isEnvelope = false;

  const lines = (length: number): void => {
    const end = blockAt + length;
    let at = blockAt;
    begin(space);
    while (at < end && found < layout.mostFound) {
      const start = at;
      at = afterSpace(start);
      if (bytes[at] !== openBrace && numbers[layout.hasPrefixesAt >> 2] !== 0) at = afterPrefix(bytes, at);
      at = record(at);
      if (at !== 0) at = afterSpace(at);
      if (at !== 0 && bytes[at] === lineFeed) settle(start, at);
      else {
        at = bytes.indexOf(lineFeed, start);
        settleAs(layout.isAsked, start, at);
      }
      at++;
    }
    finish(at);
  };

  const items = (length: number): void => {
    const end = blockAt + length;
    begin(lineFeed);
    let at = afterSpace(blockAt);
    while (found < layout.mostFound) {
      const itemEnd = record(at);
      if (itemEnd === 0) break;
      let next = afterSpace(itemEnd);
      if (bytes[next] === comma) {
        next = afterSpace(next + 1);
        if (next === end || bytes[next] === closeBracket) break;
      } else if (bytes[next] !== closeBracket) break;
      settle(at, itemEnd);
      at = next;
    }
    finish(at);
  };

  const begin = (other: number): void => {
    blockSpace = other;
    otherSpace = other;
    records = 0;
    found = 0;
  };

  const finish = (at: number): void => {
    numbers[layout.recordsAt >> 2] = records;
    numbers[layout.foundCountAt >> 2] = found;
    numbers[layout.reachedAt >> 2] = at - blockAt;
    // To look at each byte once more would cost more than the look of the host.
    numbers[layout.hasOthersAt >> 2] = 1;
  };

  const record = (at: number): number => {
    if (bytes[at] !== openBrace) return 0;
    const envelope = numbers[layout.envelopeAt >> 2]!;
    const isFirst = isEnvelope;
    const end = objectAs(at, isFirst ? envelope : layout.objectsAt);
    if (end === 0 || !isOtherwise || envelope === 0) return end;
    isEnvelope = !isFirst;
    objectAs(at, isFirst ? layout.objectsAt : envelope);
    if (isOtherwise) isEnvelope = false;
    return end;
  };

  const objectAs = (at: number, plan: number): number => {
    depth = 0;
    isOtherwise = false;
    values.forget(-1);
    return plannedObject(at, plan);
  };

  const settle = (start: number, end: number): void => {
    const isKnown = !isOtherwise && end - start <= longestRecord;
    const why = !isKnown ? layout.isAsked : isEnvelope ? verdictInside() : values.verdict();
    if (why === layout.passedOver) records++;
    else settleAs(why, start, end);
  };

  const verdictInside = (): number => {
    const [first, last] = [values.start(layout.textLeaf) + 1, values.end(layout.textLeaf) - 1];
    const end = unescaped(bytes, first, last, layout.textAt);
    if (end === 0) return layout.isAsked;
    bytes.fill(0, end, end + layout.blockPadding);
    otherSpace = lineFeed;
    let at = afterSpace(layout.textAt);
    at = bytes[at] === openBrace ? objectAs(at, layout.objectsAt) : 0;
    if (at !== 0) at = afterSpace(at);
    otherSpace = blockSpace;
    return at !== end || isOtherwise ? layout.isAsked : values.verdict();
  };

  const settleAs = (why: number, start: number, end: number): void => {
    const index = (layout.foundAt + found * layout.foundBytes) >> 2;
    numbers[index] = start - blockAt;
    numbers[index + (layout.foundEndOffset >> 2)] = end - blockAt;
    numbers[index + (layout.whyOffset >> 2)] = why;
    if (why === layout.isUnknown) {
      const leaf = values.unknownLeaf();
      numbers[index + (layout.foundLeafOffset >> 2)] = leaf;
      numbers[index + (layout.valueStartOffset >> 2)] = isEnvelope ? 0 : values.start(leaf) - blockAt;
      numbers[index + (layout.valueEndOffset >> 2)] = isEnvelope ? 0 : values.end(leaf) - blockAt;
    }
    records++;
    found++;
  };

  return { memory, lines, items, hash: values.hash };
};
