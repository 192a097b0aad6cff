import type { StateReader } from "../../../storage/reader.ts";
import { KeyHash } from "./key-hash.ts";
import type { Budget } from "./key-table.ts";
import { SpaceIndex } from "./space-index.ts";

/** Entries that are read at once: about a millisecond, and a few on a busy machine. */
const usualPage = 256;
/** What had no room is tried again when this part of the limit is used. */
const roomy = 0.75;

export interface IndexesOptions {
  readonly reader: StateReader;
  /** Memory for all of them, in bytes. */
  readonly limit: number;
  /** An index has to be filled; call `fill` until it is. */
  readonly onFilling: () => void;
  /** Entries that are read at once. */
  readonly page?: number | undefined;
}

/** The indexes of all spaces. They share a limit of memory. */
export class Indexes {
  readonly #reader: StateReader;
  readonly #hash = new KeyHash();
  readonly #budget: Budget;
  readonly #spaces = new Map<string, SpaceIndex>();
  readonly #swept = new Set<SpaceIndex>();
  readonly #onFilling: () => void;
  readonly #page: number;

  constructor({ reader, limit, onFilling, page = usualPage }: IndexesOptions) {
    this.#reader = reader;
    this.#budget = { limit, used: 0 };
    this.#onFilling = onFilling;
    this.#page = page;
  }

  /** Bytes that the indexes use. */
  get bytes(): number {
    return this.#budget.used;
  }

  get limit(): number {
    return this.#budget.limit;
  }

  /** Keys that are indexed. */
  get keys(): number {
    return [...this.#spaces.values()].reduce((total, { count }) => total + count, 0);
  }

  /** Whether every key is indexed. */
  get isComplete(): boolean {
    return [...this.#spaces.values()].every(({ isFilling, isPartial }) => !isFilling && !isPartial);
  }

  /** The index of a space. Its first page is read at once. */
  of(name: string): SpaceIndex {
    const known = this.#spaces.get(name);
    if (known) return known;
    const index = new SpaceIndex(name, this.#hash, this.#budget);
    this.#spaces.set(name, index);
    index.fill(this.#reader, this.#page);
    if (index.isFilling) this.#onFilling();
    return index;
  }

  /** The index of a space, if there is one. */
  known(name: string): SpaceIndex | undefined {
    return this.#spaces.get(name);
  }

  /** Reads a page. Whether there are more. */
  fill(): boolean {
    for (const index of this.#spaces.values())
      if (index.isFilling) {
        index.fill(this.#reader, this.#page);
        return true;
      }
    return false;
  }

  /** It was committed that entries of a space with `expires` below `before` are absent. */
  swept(name: string, before: number): void {
    const index = this.#spaces.get(name);
    if (!index) return;
    index.swept(before);
    this.#swept.add(index);
  }

  /** Call it after a commit: frees a little of what has expired. */
  tidy(): void {
    for (const index of this.#swept) {
      if (index.tidy()) return;
      this.#swept.delete(index);
    }
    if (this.#budget.used > roomy * this.#budget.limit) return;
    for (const index of this.#spaces.values())
      if (index.isPartial) {
        index.refill();
        this.#onFilling();
      }
  }

  /** Forgets the spaces whose names are `isOf` something. */
  forget(isOf: (name: string) => boolean): void {
    for (const [name, index] of this.#spaces)
      if (isOf(name)) {
        index.close();
        this.#swept.delete(index);
        this.#spaces.delete(name);
      }
  }
}
