import { type Bits, bitsOf } from "../guard/bits.ts";
import { type Data, isObject } from "../json.ts";
import type { ScannedAhead } from "./ahead/scanned-ahead.ts";
import { type Found, longestBlock, longestRecord, longestValue, type Scanned, type Scanner } from "./plan.ts";
import type { Planned } from "./plan-of.ts";
import { isRead, scanLines } from "./scan-lines.ts";

/** So many values of a leaf are learned. If there are more, any other may be wanted. */
const mostLearned = 4096;

/** If nearly all records take the full path, scanning them first is work for nothing. */
const worthwhile = 0.8;

/** The shares are judged by so many records. */
const sample = 4096;

/** While it is not worthwhile, so many blocks in a row are not scanned; twice as many each time, up to the most. */
const firstPause = 8;
const longestPause = 512;

const closeList = 0x5d;

/** A record that is alone in its stream, and what makes a list of it. All passers use it, one after the other. */
const alone = Buffer.alloc(longestRecord + 1);

/** What became of a block: how many records nobody can want, and those that take the full path. */
export type Sifted = Pick<Scanned, "found" | "count" | "records" | "reached">;

/**
 * Passes over records that nobody can want. It learns what values mean from those that it meets, and stays out of the way
 * of a stream of which nearly everything is wanted.
 */
export class Passer {
  readonly #planned: Planned;
  readonly #scanner: Scanner;
  readonly #needsAll: () => boolean;
  readonly #all: Bits;
  readonly #learned: readonly Set<string>[];
  readonly #isOpen: boolean[];
  #isAble = true;
  #hasForgotten = false;
  #records = 0;
  #found = 0;
  #pause = firstPause;
  #paused = 0;
  /** How many lessons the scanner has had, and which was the last that could make a line wanted that it passed over before. */
  #lessons = 0;
  #changed = 0;

  /** `needsAll`: whether every event must be there at present, because somebody looks at those on the way, or learns from all. */
  constructor(planned: Planned, scanner: Scanner, needsAll: () => boolean) {
    this.#planned = planned;
    this.#scanner = scanner;
    this.#needsAll = needsAll;
    const { alternatives, leaves } = planned.plan;
    this.#all = bitsOf(new Array(alternatives).keys(), alternatives);
    this.#learned = leaves.map(() => new Set());
    this.#isOpen = leaves.map(() => false);
    this.#knowTexts();
  }

  /** What the conditions list must be known: a text that is not known is taken for one that they do not list. */
  #knowTexts(): void {
    for (const { leaf, json } of this.#planned.known) if (!this.#teach(leaf, json)) this.#isAble = false;
    this.#changed = this.#lessons;
  }

  /** Whether the next block is worth a scan. Call it once for each. */
  get isReady(): boolean {
    if (!this.#isAble || this.#needsAll()) return false;
    if (this.#paused === 0) return true;
    this.#paused--;
    return false;
  }

  /** Whether the next block will probably be worth a scan. */
  get isWorthwhile(): boolean {
    return this.#isAble && this.#paused === 0 && !this.#needsAll();
  }

  /**
   * Scans lines of `block[start, end)`, which begins with a line: as many whole lines as one scan takes. A number: what is
   * before it is only understood by the full path. `ahead`: what another thread found in the stream; the block is at
   * `position` in it.
   */
  lines(block: Buffer, start: number, end: number, ahead?: ScannedAhead, position = 0): Sifted | number {
    const isUsable = ahead !== undefined && ahead.lessons >= this.#changed;
    const known = isUsable ? ahead.lines(block, position, start, end) : undefined;
    const lessons = known === undefined ? this.#lessons : ahead!.lessons;
    const scanned = known ?? scanLines(this.#scanner, block, start, end);
    return typeof scanned === "number" ? scanned : this.#heedLines(scanned, block, lessons);
  }

  /**
   * Scans items of a list, from the one on that begins at `start`: as many as one scan takes. `undefined` if what is in them is
   * only understood by the full path.
   */
  items(body: Buffer, start: number): Sifted | undefined {
    const end = Math.min(body.length, start + longestBlock);
    const scanned = this.#scanner.items(body, start, end);
    return isRead(scanned, body, start) ? this.#heed(scanned, body) : undefined;
  }

  /** Whether nobody can want what is in a body: one record, and nothing else. */
  passesAlone(body: Buffer): boolean {
    const { length } = body;
    if (length > longestRecord) return false;
    body.copy(alone);
    alone[length] = closeList;
    const scanned = this.#scanner.items(alone, 0, length + 1);
    if (!isRead(scanned, alone, 0)) return false;
    const { records, count, reached } = this.#heed(scanned, alone);
    return records === 1 && count === 0 && reached === length;
  }

  /** Whether items can be judged that also have these members, which they inherit from their list. */
  inherits(shared: Data): boolean {
    const { root, envelope } = this.#planned.plan;
    return Object.entries(shared).every(([name, value]) => {
      // They are also beside the text of an envelope.
      if (envelope?.beside.includes(name) === false) return false;
      const member = root.members.get(name);
      if (member === undefined) return root.others === "free" && !name.includes(".");
      return typeof value === "string" && member.leaf === undefined && member.types.includes("string");
    });
  }

  /**
   * Lines that were found by a scanner that had had `lessons` lessons. One that is not certainly wanted is scanned again if it
   * has had more by now: so it does not matter which lines were scanned together, and when.
   */
  #heedLines(scanned: Sifted, block: Buffer, lessons: number): Sifted {
    const { records, count, reached } = scanned;
    if (lessons === this.#lessons && !scanned.found.some(({ why }, index) => index < count && why === "unknown")) {
      this.#judge(records, count);
      return scanned;
    }
    const found: Found[] = [];
    // A scan overwrites what the last one found.
    for (const one of scanned.found.slice(0, count).map((one) => ({ ...one }))) {
      const isCertain = one.why === "wanted" || lessons === this.#lessons;
      const again = isCertain ? undefined : this.#scanner.lines(block, one.start, one.end + 1);
      if (again?.count === 0) continue;
      const now = again ? { ...again.found[0]! } : one;
      if (now.why === "unknown") this.#meet(now, block);
      found.push(now);
    }
    this.#judge(records, found.length);
    return { found, count: found.length, records, reached };
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

  /** Learns the value that is not known, and those of the other leaves of the record as they are usually written. */
  #meet({ start, end, leaf, valueStart, valueEnd }: Found, block: Buffer): void {
    if (valueEnd > valueStart) this.#learn(leaf, block.toString("utf8", valueStart, valueEnd));
    const line = block.toString("utf8", start, end);
    // A prefix has no brace.
    const object: unknown = JSON.parse(line.slice(line.indexOf("{")));
    const { envelope } = this.#planned.plan;
    const inside = valueEnd === valueStart && envelope ? valueAt(object, [envelope.text]) : undefined;
    const record: unknown = typeof inside === "string" ? JSON.parse(inside) : object;
    for (const [other, path] of this.#planned.paths.entries()) {
      const value = valueAt(record, path);
      if (value === undefined) continue;
      const json = JSON.stringify(value);
      if (other === leaf || !this.#isOther(other, json)) this.#learn(other, json);
    }
  }

  #learn(leaf: number, json: string): void {
    const known = this.#learned[leaf]!;
    if (this.#isOpen[leaf] || known.has(json) || json.length > longestValue) return;
    known.add(json);
    if (!this.#teach(leaf, json)) this.#forget();
    else if (known.size >= mostLearned) this.#open(leaf);
  }

  /** Whether the scanner usually knows what a value says without a lesson: a text that no condition lists. */
  #isOther(leaf: number, json: string): boolean {
    return this.#planned.plan.leaves[leaf]!.otherTexts !== undefined && /^"[^"\\]+"$/.test(json);
  }

  #teach(leaf: number, json: string): boolean {
    const bytes = Buffer.from(json);
    if (bytes.length > longestValue) return true;
    this.#lessons++;
    return this.#scanner.learn(leaf, bytes, this.#planned.judge(leaf, json));
  }

  /**
   * The scanner was full, and has forgotten all values. It learns those that conditions list again. A leaf for which they list only
   * texts starts to learn again; if the scanner is full once more, it learns nothing more for that leaf.
   */
  #forget(): void {
    for (const [leaf, { otherTexts, parts }] of this.#planned.plan.leaves.entries())
      if (!otherTexts || parts || this.#hasForgotten) this.#open(leaf);
      else this.#learned[leaf]!.clear();
    this.#hasForgotten = true;
    this.#knowTexts();
  }

  /** From now on, values of the leaf that are not known may be wanted, and no more are learned. */
  #open(leaf: number): void {
    this.#scanner.open(leaf, this.#all);
    this.#isOpen[leaf] = true;
    this.#lessons++;
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

const valueAt = (record: unknown, path: readonly string[]): unknown => {
  let at = record;
  for (const name of path) at = isObject(at) && Object.hasOwn(at, name) ? at[name] : undefined;
  return at;
};
