import { LRUCache } from "lru-cache";
import type { StateRange, StateReader } from "../../storage/reader.ts";
import type { Flight } from "../flow/flight.ts";
import { Indexes, type IndexesOptions } from "./index/indexes.ts";
import type { Entry } from "./state-space.ts";

export interface CommittedStateOptions {
  readonly reader: StateReader;
  /** How many committed entries are kept in memory, beside those that the index holds. */
  readonly cached: number;
  /** The index of keys. */
  readonly index: Omit<IndexesOptions, "reader">;
}

/** How many keys without an entry are remembered between two commits: a transform asks for a key before it writes it. */
const mostAbsent = 1_000;

/** Reads committed entries: from the index of keys, then from a cache, then from the database. */
export class CommittedState {
  readonly indexes: Indexes;
  readonly #reader: StateReader;
  readonly #cache: LRUCache<string, Entry>;
  readonly #absent = new Set<string>();
  /** The last page that was scanned: a transform often deletes or changes what it has just found. */
  #scanned: { readonly space: string; readonly entries: ReadonlyMap<string, Entry> } | undefined;

  constructor({ reader, cached, index }: CommittedStateOptions) {
    this.#reader = reader;
    // With `max`, it would take the room for all of them at once: 3 MB, and 10 ms of a start.
    this.#cache = new LRUCache({ maxSize: cached, sizeCalculation: () => 1 });
    this.indexes = new Indexes({ reader, ...index });
  }

  get(space: string, key: string): Entry | undefined {
    const scanned = this.#scanned?.space === space ? this.#scanned.entries.get(key) : undefined;
    if (scanned !== undefined) return scanned;
    const index = this.indexes.of(space);
    const known = index.get(key);
    if (known === "absent") return undefined;
    if (typeof known === "object") return known;
    const name = `${space}\n${key}`;
    const cached = this.#cache.get(name);
    if (cached !== undefined) return cached;
    if (this.#absent.has(name)) return undefined;
    const entry = this.#reader.state(space, key);
    if (entry !== undefined) {
      this.#cache.set(name, entry);
      if (known === "unknown") index.set(key, entry);
    } else {
      if (this.#absent.size >= mostAbsent) this.#absent.clear();
      this.#absent.add(name);
    }
    return entry;
  }

  page(space: string, range: StateRange): readonly (readonly [key: string, entry: Entry])[] {
    const page = this.#reader.scanState(space, range);
    this.#scanned = { space, entries: new Map(page) };
    return page;
  }

  /** The writes and sweeps of a flight are committed. */
  committed({ writes, sweeps, forgets }: Flight): void {
    if (writes.size > 0) {
      this.#absent.clear();
      this.#scanned = undefined;
    }
    for (const [space, entries] of writes) {
      const index = this.indexes.of(space);
      for (const [key, { value, expires }] of entries) {
        if (value === undefined) {
          index.delete(key);
          this.#cache.delete(`${space}\n${key}`);
        } else if (index.set(key, { value, expires })) this.#cache.delete(`${space}\n${key}`);
        else this.#cache.set(`${space}\n${key}`, { value, expires });
      }
    }
    for (const [space, before] of sweeps) this.indexes.swept(space, before);
    for (const component of forgets ?? []) this.forget(component);
    this.indexes.tidy();
  }

  forget(component: string): void {
    const isOf = (name: string) => name === component || name.startsWith(`${component}/`);
    this.#scanned = undefined;
    this.indexes.forget(isOf);
    for (const name of [...this.#cache.keys()]) if (isOf(name.split("\n", 1)[0]!)) this.#cache.delete(name);
  }
}
