import { isUtf8 } from "node:buffer";
import { type Bits, bitsOf } from "../guard/bits.ts";
import type { Data } from "../json.ts";
import { type Found, longestBlock, type Scanned, type Scanner } from "./plan.ts";
import type { Planned } from "./plan-of.ts";

/** So many values of a leaf are learned. If there are more, any other may be wanted. */
const mostLearned = 1024;

/** If nearly all records take the full path, scanning them first is work for nothing. */
const worthwhile = 0.8;

/** The shares are judged by so many records. */
const sample = 4096;

/** While it is not worthwhile, so many blocks in a row are not scanned; twice as many each time, up to the most. */
const firstPause = 8;
const longestPause = 512;

/** What became of a block: how many records nobody can want, and those that take the full path. */
export type Sifted = Pick<Scanned, "found" | "count" | "records" | "reached">;

/**
 * Passes over records that nobody can want. It learns what values mean from those that it meets, and stays out of the way
 * of a stream of which nearly everything is wanted.
 */
export class Passer {
  readonly #planned: Planned;
  readonly #scanner: Scanner;
  readonly #isWatched: () => boolean;
  readonly #all: Bits;
  readonly #learned: number[];
  #records = 0;
  #found = 0;
  #pause = firstPause;
  #paused = 0;

  /** `isWatched`: whether somebody looks at the events on their way, so that all must be there. */
  constructor(planned: Planned, scanner: Scanner, isWatched: () => boolean) {
    this.#planned = planned;
    this.#scanner = scanner;
    this.#isWatched = isWatched;
    const { alternatives, leaves } = planned.plan;
    this.#all = bitsOf(new Array(alternatives).keys(), alternatives);
    this.#learned = leaves.map(() => 0);
    for (const { leaf, json } of planned.known) this.#learn(leaf, json);
  }

  /** Whether the next block is worth a scan. Call it once for each. */
  get isReady(): boolean {
    if (this.#isWatched()) return false;
    if (this.#paused === 0) return true;
    this.#paused--;
    return false;
  }

  /**
   * Scans lines of `block[start, end)`, which begins with a line: as many whole lines as one scan takes. `undefined` if there
   * is none, or what is in them is only understood by the full path.
   */
  lines(block: Buffer, start: number, end: number): Sifted | undefined {
    const limit = Math.min(end, start + longestBlock);
    const last = block.lastIndexOf(0x0a, limit - 1) + 1;
    if (last <= start) return undefined;
    const lines = block.subarray(start, last);
    if (lines.includes(0) || !isUtf8(lines)) return undefined;
    return this.#heed(this.#scanner.lines(block, start, last), block);
  }

  /**
   * Scans items of a list, from the one on that begins at `start`: as many as one scan takes. `undefined` if what is in them is
   * only understood by the full path.
   */
  items(body: Buffer, start: number): Sifted | undefined {
    let end = Math.min(body.length, start + longestBlock);
    // A character must not be cut.
    if (end < body.length) while (end > start && (body[end]! & 0xc0) === 0x80) end--;
    if (!isUtf8(body.subarray(start, end))) return undefined;
    return this.#heed(this.#scanner.items(body, start, end), body);
  }

  /** Whether items can be judged that also have these members, which they inherit from their list. */
  inherits(shared: Data): boolean {
    const { root } = this.#planned.plan;
    return Object.entries(shared).every(([name, value]) => {
      const member = root.members.get(name);
      if (member === undefined) return root.others === "free" && !name.includes(".");
      return typeof value === "string" && member.leaf === undefined && member.types.includes("string");
    });
  }

  #heed(scanned: Scanned, block: Buffer): Sifted {
    const { found, count, records } = scanned;
    for (let index = 0; index < count; index++) {
      const one = found[index]!;
      if (one.why === "unknown") this.#meet(one, block);
    }
    this.#judge(records, count);
    return scanned;
  }

  #meet({ leaf, valueStart, valueEnd }: Found, block: Buffer): void {
    if (this.#learned[leaf]! >= mostLearned) return;
    this.#learn(leaf, block.toString("utf8", valueStart, valueEnd));
  }

  #learn(leaf: number, json: string): void {
    this.#learned[leaf]!++;
    const hasRoom = this.#scanner.learn(leaf, Buffer.from(json), this.#planned.judge(leaf, json));
    if (!hasRoom || this.#learned[leaf]! >= mostLearned) this.#scanner.open(leaf, this.#all);
  }

  #judge(records: number, found: number): void {
    this.#records += records;
    this.#found += found;
    if (this.#records < sample) return;
    if (this.#found > this.#records * worthwhile) {
      this.#paused = this.#pause;
      this.#pause = Math.min(this.#pause * 2, longestPause);
    } else this.#pause = firstPause;
    this.#records = 0;
    this.#found = 0;
  }
}
