import { maxDepth } from "./json.ts";
import {
  afterSpace,
  close,
  closeList,
  colon,
  comma,
  isDigit,
  isStop,
  minus,
  numberEnd,
  open,
  openList,
  quote,
  space,
  stringEnd,
  wordEnd,
} from "./json-bytes.ts";
import { longestBlock } from "./scan/limits.ts";
import { type Outliner, wasmOutliner } from "./scan/outliner.ts";

/**
 * The result of scanning JSON text. `distinct`: one JSON object, and no object in it has two members of the same name.
 * `doubtful`: one JSON object in which names may repeat. `refused`: anything else, or nested too deep.
 */
export type JsonScan = "distinct" | "doubtful" | "refused";

/** The constants of FNV-1a. */
const hashStart = 0x811c9dc5 | 0;
const hashFactor = 0x01000193;

/**
 * The text that is scanned, and after it a zero, at which every loop stops without looking for the end. A longer text gets
 * its own bytes, because these are never freed.
 */
const longestScratch = 1024 * 1024;
let scratch = Buffer.allocUnsafe(64 * 1024);

/** For each open object or array: 1 if it is an object, and where its names start in `names`. */
const isObjectAt = new Uint8Array(maxDepth + 1);
const namesFrom = new Int32Array(maxDepth + 1);
/**
 * The names in all open objects: where each starts, its length, and a hash of this and some of its bytes, in which almost all
 * names of an object differ. If they do not fit, the result is `doubtful`.
 */
const mostNames = 1 << 16;
const nameAt = new Int32Array(mostNames);
const nameLength = new Int32Array(mostNames);
const nameHash = new Int32Array(mostNames);

/** The members of the outermost object, as they were scanned here, four indexes each: see `Outline`. */
const mostMembers = 64;
const ownMembers = new Uint32Array(mostMembers * 4);
let members: Uint32Array = ownMembers;
let memberIndexes = 0;
let scannedBytes = 0;

/**
 * Where the members of a JSON object are in its text. Each has four indexes: where its name starts and ends, quotes included,
 * and where its value starts and ends.
 */
export type Outline = readonly number[];

/**
 * Validates that `bytes[start, end)` is one JSON object, without building it. It refuses exactly what JSON.parse refuses
 * when the same bytes are read as UTF-8, and also values that are not objects, and nesting deeper than `maxDepth`.
 */
export const scanObject = (bytes: Uint8Array, start: number, end: number): JsonScan => {
  const length = end - start;
  const fast = outlinerFor(length);
  if (fast) {
    fast.record.set(bytes.subarray(start, end));
    if (isOutlined(fast, length)) return "distinct";
  }
  const into = scratchOf(length);
  into.set(start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end));
  return scan(into, length);
};

/** `scanObject` on a text. */
export const scanText = (text: string): JsonScan => {
  const fast = outlinerFor(text.length * 3);
  if (fast && isOutlined(fast, fast.record.write(text, "utf8"))) return "distinct";
  const into = scratchOf(text.length * 3);
  return scan(into, into.write(text, "utf8"));
};

/** Almost all records are certain in WebAssembly; the others are scanned here. Null: this machine cannot have it. */
let outliner: Outliner | null | undefined;

const outlinerFor = (length: number): Outliner | undefined => {
  if (length > longestBlock) return undefined;
  if (outliner === undefined) outliner = wasmOutliner() ?? null;
  return outliner ?? undefined;
};

const isOutlined = (fast: Outliner, length: number): boolean => {
  const indexes = fast.outline(length);
  if (indexes < 0) return false;
  members = fast.members;
  memberIndexes = indexes === 0 ? -1 : indexes;
  scannedBytes = length;
  scanned = fast.record;
  return true;
};

/**
 * The outline of the object that was scanned last, in characters of `text`, which was read from the same bytes. Undefined if the
 * scan was not `distinct`, if it has very many members, or if the text was not read exactly.
 */
export const lastOutline = (text: string): Outline | undefined => {
  if (memberIndexes < 0) return undefined;
  const outline: number[] = new Array(memberIndexes);
  if (text.length === scannedBytes) {
    for (let index = 0; index < memberIndexes; index++) outline[index] = members[index]!;
    return outline;
  }
  let units = 0;
  let at = 0;
  for (let index = 0; index < memberIndexes; index++) {
    for (; at < members[index]!; at++) {
      const byte = scanned[at]!;
      // A byte that continues a character is none; a character of four bytes has two units.
      if ((byte & 0xc0) !== 0x80) units += byte >= 0xf0 ? 2 : 1;
    }
    outline[index] = units;
  }
  return outline;
};

const scratchOf = (length: number): Buffer => {
  if (length >= longestScratch) return Buffer.allocUnsafe(length + 1);
  if (length >= scratch.length) scratch = Buffer.allocUnsafe(2 ** Math.ceil(Math.log2(length + 1)));
  return scratch;
};

let scanned: Buffer = scratch;

const scan = (bytes: Buffer, length: number): JsonScan => {
  bytes[length] = 0;
  members = ownMembers;
  memberIndexes = 0;
  const found = scanBytes(bytes, length);
  if (found !== "distinct") memberIndexes = -1;
  scannedBytes = length;
  scanned = bytes;
  return found;
};

/** `bytes[end]` is zero. */
const scanBytes = (bytes: Buffer, end: number): JsonScan => {
  let at = afterSpace(bytes, 0);
  if (bytes[at] !== open) return "refused";
  let depth = 0;
  let nameCount = 0;
  let isSure = true;
  for (;;) {
    // A value starts here.
    const first = bytes[at]!;
    let isOpened = false;
    if (first === quote) at = stringEnd(bytes, at + 1);
    else if (first === open || first === openList) {
      if (++depth > maxDepth) return "refused";
      isObjectAt[depth] = first === open ? 1 : 0;
      namesFrom[depth] = nameCount;
      at++;
      if (bytes[at]! <= space) at = afterSpace(bytes, at);
      isOpened = bytes[at] !== (first === open ? close : closeList);
      if (!isOpened && depth === 1) memberIndexes = -1;
    } else at = first === minus || isDigit[first] === 1 ? numberEnd(bytes, at) : wordEnd(bytes, at);
    if (at < 0) return "refused";
    // After a value: close objects and arrays, and see whether another value follows.
    while (!isOpened) {
      if (depth === 1 && memberIndexes >= 0) members[memberIndexes++] = at;
      if (bytes[at]! <= space) at = afterSpace(bytes, at);
      if (depth === 0) return at < end ? "refused" : isSure ? "distinct" : "doubtful";
      const byte = bytes[at++]!;
      if (byte === comma) {
        if (bytes[at]! <= space) at = afterSpace(bytes, at);
        break;
      }
      if (byte !== (isObjectAt[depth] === 1 ? close : closeList)) return "refused";
      if (isSure && nameCount - namesFrom[depth]! > 1) isSure = areDistinct(bytes, namesFrom[depth]!, nameCount);
      nameCount = namesFrom[depth--]!;
    }
    if (isObjectAt[depth] === 0) continue;
    // A name, its colon, and the white space before the value.
    if (bytes[at] !== quote) return "refused";
    const from = ++at;
    while (isStop[bytes[at]!] === 0) at++;
    if (bytes[at] === quote && nameCount < mostNames) {
      nameAt[nameCount] = from;
      nameLength[nameCount] = at - from;
      nameHash[nameCount++] =
        (at - from) ^ (bytes[from]! << 24) ^ (bytes[at - 1]! << 16) ^ (bytes[(from + at) >> 1]! << 8);
      at++;
    } else {
      isSure = false;
      at = stringEnd(bytes, at);
      if (at < 0) return "refused";
    }
    const nameEnd = at;
    if (bytes[at]! <= space) at = afterSpace(bytes, at);
    if (bytes[at++] !== colon) return "refused";
    if (bytes[at]! <= space) at = afterSpace(bytes, at);
    if (depth !== 1 || memberIndexes < 0) continue;
    if (memberIndexes === members.length) memberIndexes = -1;
    else {
      members[memberIndexes++] = from - 1;
      members[memberIndexes++] = nameEnd;
      members[memberIndexes++] = at;
    }
  }
};

/** In an object with more names than this, they are sorted by a hash of all their bytes. */
const fewNames = 24;

const areDistinct = (bytes: Buffer, from: number, to: number): boolean => {
  if (to - from > fewNames) return areSortedDistinct(bytes, from, to);
  for (let i = from + 1; i < to; i++) {
    const hash = nameHash[i];
    for (let other = from; other < i; other++)
      if (nameHash[other] === hash && isSameName(bytes, other, i)) return false;
  }
  return true;
};

const isSameName = (bytes: Buffer, one: number, other: number): boolean => {
  const length = nameLength[one]!;
  if (nameLength[other] !== length) return false;
  for (let i = 0; i < length; i++) if (bytes[nameAt[one]! + i] !== bytes[nameAt[other]! + i]) return false;
  return true;
};

/** False also if two hashes are the same by chance. */
const areSortedDistinct = (bytes: Buffer, from: number, to: number): boolean => {
  for (let name = from; name < to; name++) {
    let hash = hashStart;
    for (let i = nameAt[name]!, end = i + nameLength[name]!; i < end; i++)
      hash = Math.imul(hash ^ bytes[i]!, hashFactor);
    nameHash[name] = hash;
  }
  const sorted = nameHash.subarray(from, to).sort();
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
