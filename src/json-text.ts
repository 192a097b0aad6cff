import { maxDepth } from "./json.ts";

/**
 * The result of scanning JSON text. `distinct`: one JSON object, and no object in it has two members of the same name.
 * `doubtful`: one JSON object in which names may repeat. `refused`: anything else, or nested too deep.
 */
export type JsonScan = "distinct" | "doubtful" | "refused";

const space = 0x20;
const quote = 0x22;
const plus = 0x2b;
const comma = 0x2c;
const minus = 0x2d;
const point = 0x2e;
const zero = 0x30;
const colon = 0x3a;
const openList = 0x5b;
const backslash = 0x5c;
const closeList = 0x5d;
const open = 0x7b;
const close = 0x7d;

/** The bytes that may follow a backslash; `u` must be followed by four hexadecimal digits. */
const escapes = new Uint8Array(256);
for (const letter of '"\\/bfnrt') escapes[letter.charCodeAt(0)] = 1;
escapes[0x75] = 2;

const isSpace = new Uint8Array(256);
for (const byte of [0x20, 0x09, 0x0a, 0x0d]) isSpace[byte] = 1;

const isHex = new Uint8Array(256);
for (const digit of "0123456789abcdefABCDEF") isHex[digit.charCodeAt(0)] = 1;

const words: readonly (readonly number[])[] = ["true", "false", "null"].map((word) => [...Buffer.from(word)]);

/** The constants of FNV-1a. */
const hashStart = 0x811c9dc5 | 0;
const hashFactor = 0x01000193;

/** For each open object or array: 1 if it is an object, and where its names start in `names`. */
const isObjectAt = new Uint8Array(maxDepth + 1);
const namesFrom = new Int32Array(maxDepth + 1);
/** Hashes of the names in all open objects. If they do not fit, the result is `doubtful`. */
const names = new Int32Array(1 << 16);

/**
 * Validates that `bytes[start, end)` is one JSON object, without building it. It refuses exactly what JSON.parse refuses
 * when the same bytes are read as UTF-8, and also values that are not objects, and nesting deeper than `maxDepth`.
 */
export const scanObject = (bytes: Uint8Array, start: number, end: number): JsonScan => {
  let at = afterSpace(bytes, start, end);
  if (at >= end || bytes[at] !== open) return "refused";
  let depth = 0;
  let nameCount = 0;
  let isSure = true;
  for (;;) {
    // A value starts here.
    const first = at < end ? bytes[at]! : 0;
    let isOpened = false;
    if (first === quote) at = stringEnd(bytes, at + 1, end);
    else if (first === open || first === openList) {
      if (++depth > maxDepth) return "refused";
      isObjectAt[depth] = first === open ? 1 : 0;
      namesFrom[depth] = nameCount;
      at = afterSpace(bytes, at + 1, end);
      isOpened = at < end && bytes[at] !== (first === open ? close : closeList);
    } else at = first === minus || isDigit(first) ? numberEnd(bytes, at, end) : wordEnd(bytes, at, end);
    if (at < 0) return "refused";
    // After a value: close objects and arrays, and see whether another value follows.
    while (!isOpened) {
      if (at < end && bytes[at]! <= space) at = afterSpace(bytes, at, end);
      if (depth === 0) return at < end ? "refused" : isSure ? "distinct" : "doubtful";
      if (at >= end) return "refused";
      const byte = bytes[at++]!;
      if (byte === comma) {
        if (at < end && bytes[at]! <= space) at = afterSpace(bytes, at, end);
        break;
      }
      if (byte !== (isObjectAt[depth] === 1 ? close : closeList)) return "refused";
      if (isSure && nameCount - namesFrom[depth]! > 1) isSure = areDistinct(namesFrom[depth]!, nameCount);
      nameCount = namesFrom[depth--]!;
    }
    if (isObjectAt[depth] === 0) continue;
    // A name, its colon, and the white space before the value.
    if (at >= end || bytes[at] !== quote) return "refused";
    let hash = hashStart;
    let byte = 0;
    for (at++; at < end; at++) {
      byte = bytes[at]!;
      if (byte === quote || byte === backslash || byte < space) break;
      hash = Math.imul(hash ^ byte, hashFactor);
    }
    if (byte === quote) at++;
    else {
      isSure = false;
      at = stringEnd(bytes, at, end);
      if (at < 0) return "refused";
    }
    if (at < end && bytes[at]! <= space) at = afterSpace(bytes, at, end);
    if (at >= end || bytes[at] !== colon) return "refused";
    if (nameCount < names.length) names[nameCount++] = hash;
    else isSure = false;
    at++;
    if (at < end && bytes[at]! <= space) at = afterSpace(bytes, at, end);
  }
};

/** The index of the first byte from `at` on that is not white space, or `end`. A negative `at` is returned unchanged. */
const afterSpace = (bytes: Uint8Array, at: number, end: number): number => {
  let i = at;
  while (i >= 0 && i < end && isSpace[bytes[i]!] === 1) i++;
  return i;
};

const isDigit = (byte: number): boolean => byte >= zero && byte <= 0x39;

/** The index after the closing quote of the string that contains `at`, or -1. */
const stringEnd = (bytes: Uint8Array, at: number, end: number): number => {
  for (let i = at; i < end; i++) {
    const byte = bytes[i]!;
    if (byte === quote) return i + 1;
    if (byte < space) return -1;
    if (byte !== backslash) continue;
    if (++i >= end) return -1;
    const kind = escapes[bytes[i]!];
    if (kind === 0) return -1;
    if (kind === 2) {
      if (i + 4 >= end) return -1;
      for (let digit = 1; digit <= 4; digit++) if (isHex[bytes[i + digit]!] === 0) return -1;
      i += 4;
    }
  }
  return -1;
};

/** The index after the number that starts at `at`, or -1. */
const numberEnd = (bytes: Uint8Array, at: number, end: number): number => {
  const from = bytes[at] === minus ? at + 1 : at;
  let i = from < end && bytes[from] === zero ? from + 1 : digitsEnd(bytes, from, end);
  if (i >= 0 && i < end && bytes[i] === point) i = digitsEnd(bytes, i + 1, end);
  if (i < 0 || i >= end || (bytes[i]! | 0x20) !== 0x65) return i;
  const isSigned = i + 1 < end && (bytes[i + 1] === plus || bytes[i + 1] === minus);
  return digitsEnd(bytes, isSigned ? i + 2 : i + 1, end);
};

/** The index after one or more digits, or -1. */
const digitsEnd = (bytes: Uint8Array, at: number, end: number): number => {
  let i = at;
  while (i < end && isDigit(bytes[i]!)) i++;
  return i > at ? i : -1;
};

/** The index after `true`, `false` or `null`, or -1. */
const wordEnd = (bytes: Uint8Array, at: number, end: number): number => {
  const word = words.find(([first]) => at < end && first === bytes[at]);
  if (!word || at + word.length > end) return -1;
  return word.every((byte, index) => bytes[at + index] === byte) ? at + word.length : -1;
};

const areDistinct = (from: number, to: number): boolean => {
  if (to - from > 24) return areSortedDistinct(names.subarray(from, to).sort());
  for (let i = from + 1; i < to; i++) {
    const name = names[i];
    for (let other = from; other < i; other++) if (names[other] === name) return false;
  }
  return true;
};

const areSortedDistinct = (sorted: Int32Array): boolean => {
  for (let i = 1; i < sorted.length; i++) if (sorted[i] === sorted[i - 1]) return false;
  return true;
};

/**
 * Whether no object in the text has two members of the same name; `members` is how many the objects have that JSON.parse
 * returns for the text. Also false if that is not certain.
 */
export const hasDistinctNames = (text: string, members: number): boolean =>
  namesIn(text) === members || scanText(text) === "distinct";

/** An upper bound for the number of names in the text; -1 if there is white space before a colon. */
const namesIn = (text: string): number => {
  let count = 0;
  for (let at = text.indexOf(":"); at >= 0; at = text.indexOf(":", at + 1)) {
    const before = text.charCodeAt(at - 1);
    if (before === quote) count++;
    else if (before <= space) return -1;
  }
  return count;
};

let scratch = Buffer.allocUnsafe(16 * 1024);
/** A longer text gets its own buffer, because the shared one is never freed. */
const longestScratch = 1024 * 1024;

/** `scanObject` on a text. */
export const scanText = (text: string): JsonScan => {
  const longest = text.length * 3;
  if (longest > longestScratch) {
    const bytes = Buffer.from(text);
    return scanObject(bytes, 0, bytes.length);
  }
  if (longest > scratch.length) scratch = Buffer.allocUnsafe(longest);
  return scanObject(scratch, 0, scratch.write(text, "utf8"));
};
