import type { Words } from "./key-hash.ts";
import { fullest, Segment, slotsFor } from "./segment.ts";

/** The memory that tables may use together, in bytes. */
export interface Budget {
  readonly limit: number;
  used: number;
}

/** A segment with more slots is split in two. To copy one takes less than a millisecond. */
const mostSlots = 16_384;
/** A segment that is less full than this is made smaller. */
const emptiest = 0.5;

/** The share of keys in a segment that is worth a smaller one. */
const worthwhile = 0.1;

/** A place in a table, until it is changed: the words of its slot begin at `at`. */
export interface Place {
  readonly words: Int32Array;
  readonly at: number;
}

/**
 * A set of keys of 128 bits, each with a few words of its own, in typed arrays. It grows in small parts (extendible hashing:
 * the first bits of a key choose a segment), so that no insertion takes long.
 */
export class KeyTable {
  readonly #width: number;
  readonly #budget: Budget;
  /** By the first `#depth` bits of keys. */
  #directory: Segment[];
  #depth = 0;
  #count = 0;

  /** `width`: the words of a slot, with the 4 of its key. */
  constructor(width: number, budget: Budget) {
    this.#width = width;
    this.#budget = budget;
    this.#directory = [this.#make(0, 0)];
  }

  get count(): number {
    return this.#count;
  }

  #make(depth: number, count: number): Segment {
    const segment = new Segment(depth, this.#width, slotsFor(count));
    this.#budget.used += segment.words.byteLength;
    return segment;
  }

  #drop(segment: Segment): void {
    this.#budget.used -= segment.words.byteLength;
  }

  #indexOf(key: Words): number {
    return this.#depth === 0 ? 0 : key[0]! >>> (32 - this.#depth);
  }

  find(key: Words): Place | undefined {
    const segment = this.#directory[this.#indexOf(key)]!;
    const at = segment.find(key);
    return at < 0 ? undefined : { words: segment.words, at };
  }

  /** The place of a key, which is added if it is absent. `undefined`: there is no room for it. */
  add(key: Words): Place | undefined {
    const index = this.#indexOf(key);
    const segment = this.#directory[index]!;
    const at = segment.find(key);
    if (at >= 0) return { words: segment.words, at };
    if (segment.count + 1 > fullest * segment.slots) {
      if (this.#budget.used + segment.words.byteLength > this.#budget.limit) return undefined;
      if (segment.slots >= mostSlots) this.#split(index);
      else this.#replace(index, this.#copy(segment));
      return this.add(key);
    }
    segment.fill(~at, key);
    this.#count++;
    return { words: segment.words, at: ~at };
  }

  /** Whether it was there. */
  remove(key: Words): boolean {
    const index = this.#indexOf(key);
    const segment = this.#directory[index]!;
    const at = segment.find(key);
    if (at < 0) return false;
    segment.remove(at);
    this.#count--;
    if (segment.slots > 64 && segment.count < emptiest * segment.slots) this.#replace(index, this.#copy(segment));
    return true;
  }

  /** Its parts, in any order. Each is a part of `removeIn`'s work. */
  get segments(): ReadonlySet<Segment> {
    return new Set(this.#directory);
  }

  /**
   * Removes the keys in a part of the table whose slots `isOver`, if they are many enough to be worth it. A part that has been
   * replaced since is left as it is.
   */
  removeIn(part: Segment, isOver: (words: Int32Array, at: number) => boolean): void {
    const index = this.#directory.indexOf(part);
    if (index < 0) return;
    let over = 0;
    part.each((at) => {
      if (isOver(part.words, at)) over++;
    });
    if (over === 0 || over < worthwhile * part.count) return;
    this.#count -= over;
    this.#replace(
      index,
      this.#copy(part, part.count - over, (at) => !isOver(part.words, at)),
    );
  }

  /** Gives back its memory. It must not be used after that. */
  close(): void {
    for (const segment of this.segments) this.#drop(segment);
  }

  #copy(segment: Segment, count = segment.count, isKept: (at: number) => boolean = () => true): Segment {
    const copy = this.#make(segment.depth, count);
    segment.each((at) => {
      if (isKept(at)) copy.take(segment.words, at);
    });
    return copy;
  }

  /** Puts a segment in the place of the one at `index`, wherever that is. */
  #replace(index: number, by: Segment): void {
    const old = this.#directory[index]!;
    const span = 1 << (this.#depth - old.depth);
    const first = index - (index % span);
    this.#directory.fill(by, first, first + span);
    this.#drop(old);
  }

  #split(index: number): void {
    const old = this.#directory[index]!;
    if (old.depth === this.#depth) {
      this.#directory = this.#directory.flatMap((segment) => [segment, segment]);
      this.#depth++;
      this.#split(2 * index);
      return;
    }
    const span = 1 << (this.#depth - old.depth);
    const first = index - (index % span);
    const bit = 31 - old.depth;
    let ones = 0;
    old.each((at) => {
      ones += (old.words[at]! >>> bit) & 1;
    });
    const halves = [this.#make(old.depth + 1, old.count - ones), this.#make(old.depth + 1, ones)] as const;
    old.each((at) => halves[(old.words[at]! >>> bit) & 1]!.take(old.words, at));
    this.#directory.fill(halves[0], first, first + span / 2);
    this.#directory.fill(halves[1], first + span / 2, first + span);
    this.#drop(old);
  }
}
