import { compareKeys } from "../../../ordered-keys.ts";
import type { StateReader } from "../../../storage/reader.ts";
import type { Entry } from "../state-space.ts";
import type { KeyHash, Words } from "./key-hash.ts";
import { type Budget, KeyTable, type Place } from "./key-table.ts";
import { readPair, writePair } from "./pair.ts";
import { keyWords, type Segment } from "./segment.ts";

/** The words of a slot for an entry that is a pair: low words, both high halves, the number of its lifetime. */
const pairWords = keyWords + 4;
/** … for another one: when it expires, rounded up, as a float of 32 bits. */
const otherWords = keyWords + 1;
/** From the second number of a pair to its expiry: mostly the same for all of a space. Pairs beyond so many are others. */
const mostLifetimes = 4_096;

/**
 * What the index knows of a key: its entry; that it has one, which the database must be asked for; that it has none; or nothing.
 */
export type Known = Entry | "stored" | "absent" | "unknown";

const float = new Float32Array(1);
const bits = new Int32Array(float.buffer);

/** The bits of the smallest float of 32 bits that is not less. */
const roundedUp = (value: number): number => {
  float[0] = value;
  if (float[0] < value) bits[0]! += float[0] >= 0 ? 1 : -1;
  return bits[0]!;
};

/**
 * Which committed keys a space has, in memory. An entry whose value is a pair of numbers is here whole. The index is filled page by
 * page, in the order of keys; up to where it has got, a key that is not here has no entry. If its memory does not suffice, it says
 * `unknown` of what it has no room for.
 */
export class SpaceIndex {
  readonly #space: string;
  readonly #hash: KeyHash;
  readonly #pairs: KeyTable;
  readonly #others: KeyTable;
  readonly #lifetimes: (number | undefined)[] = [undefined];
  readonly #lifetimeIds = new Map<number | undefined, number>([[undefined, 0]]);
  /** The last key of the last page. */
  #read: string | undefined;
  #state: "filling" | "complete" | "partial" = "filling";
  #sweeping: { readonly parts: [KeyTable, Segment][]; readonly before: number } | undefined;

  constructor(space: string, hash: KeyHash, budget: Budget) {
    this.#space = space;
    this.#hash = hash;
    this.#pairs = new KeyTable(pairWords, budget);
    this.#others = new KeyTable(otherWords, budget);
  }

  get isFilling(): boolean {
    return this.#state === "filling";
  }

  /** Whether a key was left out because there was no room. */
  get isPartial(): boolean {
    return this.#state === "partial";
  }

  /** Keys. */
  get count(): number {
    return this.#pairs.count + this.#others.count;
  }

  get(key: string): Known {
    const words = this.#hash.of(key);
    const pair = this.#pairs.find(words);
    if (pair) return this.#entryAt(pair);
    if (this.#others.find(words)) return "stored";
    return this.#hasRead(key) ? "absent" : "unknown";
  }

  #hasRead(key: string): boolean {
    if (this.#state !== "filling") return this.#state === "complete";
    return this.#read !== undefined && compareKeys(key, this.#read) <= 0;
  }

  #entryAt({ words, at }: Place): Entry {
    const high = words[at + 6]!;
    const first = (words[at + 4]! >>> 0) + (high >>> 16) * 2 ** 32;
    const second = (words[at + 5]! >>> 0) + (high & 0xffff) * 2 ** 32;
    const lifetime = this.#lifetimes[words[at + 7]!];
    return { value: writePair(first, second), expires: lifetime === undefined ? undefined : second + lifetime };
  }

  /** The entry of a key was committed. Whether it is here whole. */
  set(key: string, entry: Entry): boolean {
    return this.#put(this.#hash.of(key), entry);
  }

  #put(words: Words, { value, expires }: Entry): boolean {
    if (this.#setPair(words, value, expires)) {
      if (this.#others.count > 0) this.#others.remove(words);
      return true;
    }
    if (this.#pairs.count > 0) this.#pairs.remove(words);
    const place = this.#others.add(words);
    if (place) place.words[place.at + 4] = roundedUp(expires ?? Number.POSITIVE_INFINITY);
    else this.#state = "partial";
    return false;
  }

  /** False if it is no pair, or if there is no room for it as one. */
  #setPair(words: Words, value: string, expires: number | undefined): boolean {
    const pair = readPair(value);
    if (!pair) return false;
    const [first, second] = pair;
    const lifetime = this.#lifetimeId(second, expires);
    if (lifetime === undefined) return false;
    const place = this.#pairs.add(words);
    if (!place) return false;
    place.words[place.at + 4] = first;
    place.words[place.at + 5] = second;
    place.words[place.at + 6] = (Math.floor(first / 2 ** 32) << 16) | Math.floor(second / 2 ** 32);
    place.words[place.at + 7] = lifetime;
    return true;
  }

  #lifetimeId(second: number, expires: number | undefined): number | undefined {
    const lifetime = expires === undefined ? undefined : expires - second;
    // With a fraction or far from it, the sum may not be what it was.
    if (lifetime !== undefined && second + lifetime !== expires) return undefined;
    const known = this.#lifetimeIds.get(lifetime);
    if (known !== undefined || this.#lifetimes.length >= mostLifetimes) return known;
    this.#lifetimeIds.set(lifetime, this.#lifetimes.length);
    return this.#lifetimes.push(lifetime) - 1;
  }

  /** It was committed that a key has no entry. */
  delete(key: string): void {
    const words = this.#hash.of(key);
    if (!this.#pairs.remove(words)) this.#others.remove(words);
  }

  /** There is room again: reads all pages once more. */
  refill(): void {
    this.#read = undefined;
    this.#state = "filling";
  }

  /** Reads the next page of committed entries. */
  fill(reader: StateReader, limit: number): void {
    if (!this.isFilling) return;
    const page = reader.scanState(this.#space, { prefix: "", after: this.#read, limit });
    for (const [key, entry] of page) {
      const words = this.#hash.of(key);
      // What is here already is at least as new.
      if (!this.#pairs.find(words) && !this.#others.find(words)) this.#put(words, entry);
    }
    if (!this.isFilling) return;
    if (page.length < limit) this.#state = "complete";
    else this.#read = page.at(-1)![0];
  }

  /** It was committed that entries with `expires` below `before` are absent: `tidy` frees their slots. */
  swept(before: number): void {
    const partsOf = (table: KeyTable) => [...table.segments].map((part): [KeyTable, Segment] => [table, part]);
    this.#sweeping ??= { parts: [...partsOf(this.#pairs), ...partsOf(this.#others)], before };
  }

  /** Frees slots of what has expired, a few thousand at most. Whether there is more to do. */
  tidy(): boolean {
    const sweeping = this.#sweeping;
    if (!sweeping) return false;
    const { parts, before } = sweeping;
    const next = parts.pop();
    if (!next) {
      this.#sweeping = undefined;
      return false;
    }
    const [table, part] = next;
    const isPair = table === this.#pairs;
    table.removeIn(part, (words, at) => {
      if (isPair) return (this.#entryAt({ words, at }).expires ?? Number.POSITIVE_INFINITY) < before;
      bits[0] = words[at + 4]!;
      return float[0]! < before;
    });
    return true;
  }

  /** Gives back its memory. It must not be used after that. */
  close(): void {
    this.#pairs.close();
    this.#others.close();
  }
}
