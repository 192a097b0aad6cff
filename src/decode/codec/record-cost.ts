import { maxDepth } from "../../json.ts";
import { Unreadable } from "./codec.ts";

/** Shorter records are not checked: what they cost is limited by their size. */
const small = 64 * 1024;
/** The most objects and arrays in a record. */
const maxContainers = 250_000;
/** The most members of all objects in a record. */
const maxMembers = 1_000_000;
/** The most different names of members in a record, as counted by a hash: V8 needs microseconds for each. */
const maxNames = 32_768;

const quote = 0x22;
const colon = 0x3a;
const backslash = 0x5c;
/** Objects and arrays begin with a byte that has the bits of `[`, and end with one that has those of `]`. */
const bracket = { open: 0x5b, close: 0x5d };

/** One bit for each hash of a name. */
const namesSeen = new Uint32Array(1 << 15);

const refuse = (found: string): Unreadable =>
  new Unreadable("too_many_values", `the record has more than ${found}, which is the limit`);

/**
 * Why a large record must not be parsed, if it would take seconds or gigabytes: it is nested too deep, or made of too many
 * values. One pass over the bytes, which need not be JSON.
 */
export const tooCostly = (block: Buffer, start: number, end: number): Unreadable | undefined => {
  if (end - start <= small) return undefined;
  namesSeen.fill(0);
  let [depth, containers, members, names, hash] = [0, 0, 0, 0, 0];
  for (let at = start; at < end; at++) {
    const byte = block[at]!;
    if (byte === quote) {
      hash = 0x811c9dc5;
      for (at++; at < end && block[at] !== quote; at++) {
        hash = Math.imul(hash ^ block[at]!, 0x01000193);
        if (block[at] === backslash) at++;
      }
    } else if (byte === colon) {
      if (++members > maxMembers) return refuse(`${maxMembers} members`);
      // The lower bits of FNV-1a are the better ones.
      const [word, bit] = [(hash >>> 5) & 0x7fff, 1 << (hash & 31)];
      if ((namesSeen[word]! & bit) !== 0) continue;
      namesSeen[word]! |= bit;
      if (++names > maxNames) return refuse(`${maxNames} different names of members`);
    } else if ((byte | 0x20) === (bracket.open | 0x20)) {
      if (++depth > maxDepth) return tooDeep();
      if (++containers > maxContainers) return refuse(`${maxContainers} objects and arrays`);
    } else if ((byte | 0x20) === (bracket.close | 0x20)) depth--;
  }
  return undefined;
};

/** The same for the text of a record. */
export const textTooCostly = (text: string): Unreadable | undefined => {
  if (text.length <= small / 3 || Buffer.byteLength(text) <= small) return undefined;
  const bytes = Buffer.from(text);
  return tooCostly(bytes, 0, bytes.length);
};

export const tooDeep = (): Unreadable =>
  new Unreadable(
    "too_deep",
    `the record is nested deeper than ${maxDepth} levels of objects and arrays, which is the limit`,
  );
