import type { Words } from "./key-hash.ts";

/** The words of a slot that hold its key. The rest is for the owner. */
export const keyWords = 4;
/** A segment is fuller than `least` after each change of its size, and at most this full: in between, it costs 1/load. */
export const fullest = 0.875;
const least = 0.72;
const smallest = 8;

/**
 * How many slots a segment gets that has so many keys, and room for at least one more. All fill at the same pace, because hashes are spread evenly: what is random
 * here keeps them from growing all at once.
 */
export const slotsFor = (count: number): number =>
  Math.max(smallest, Math.ceil((count + 1) / (least + 0.03 * Math.random())));

/** Keys with equal first bits of their hash: an open-addressed table with linear probing. Slot `n` begins at word `n * width`. */
export class Segment {
  readonly depth: number;
  readonly width: number;
  readonly slots: number;
  readonly words: Int32Array;
  count = 0;

  /** `depth`: how many first bits its keys have in common. */
  constructor(depth: number, width: number, slots: number) {
    this.depth = depth;
    this.width = width;
    this.slots = slots;
    this.words = new Int32Array(slots * width);
  }

  #home(second: number): number {
    return Math.floor(((second >>> 0) * this.slots) / 4294967296);
  }

  /** Where the slot of the key at `from` begins; if it has none, the complement of where it would. One slot must be empty. */
  find(key: Words, from = 0): number {
    const { words, width } = this;
    const a = key[from]!;
    const b = key[from + 1]!;
    const c = key[from + 2]!;
    const d = key[from + 3]!;
    for (let at = this.#home(b) * width; ; ) {
      const last = words[at + 3]!;
      if (last === 0) return ~at;
      if (last === d && words[at + 1] === b && words[at] === a && words[at + 2] === c) return at;
      at += width;
      if (at === words.length) at = 0;
    }
  }

  /** Puts a key into the empty slot that `find` returned. */
  fill(at: number, key: Words): void {
    for (let word = 0; word < keyWords; word++) this.words[at + word] = key[word]!;
    this.count++;
  }

  /** Empties the slot at `at`, and moves up those after it that could then not be found. */
  remove(at: number): void {
    const { words, width, slots } = this;
    let hole = at / width;
    for (let next = (hole + 1) % slots; words[next * width + 3] !== 0; next = (next + 1) % slots) {
      const home = this.#home(words[next * width + 1]!);
      const isBetween = hole <= next ? hole < home && home <= next : hole < home || home <= next;
      if (isBetween) continue;
      words.copyWithin(hole * width, next * width, (next + 1) * width);
      hole = next;
    }
    words.fill(0, hole * width, (hole + 1) * width);
    this.count--;
  }

  /** Takes in the slot of another segment. */
  take(words: Int32Array, from: number): void {
    const at = ~this.find(words, from);
    for (let word = 0; word < this.width; word++) this.words[at + word] = words[from + word]!;
    this.count++;
  }

  /** Calls `visit` with the start of each slot that holds a key. Do not change the segment meanwhile. */
  each(visit: (at: number) => void): void {
    for (let at = 0; at < this.words.length; at += this.width) if (this.words[at + 3] !== 0) visit(at);
  }
}
