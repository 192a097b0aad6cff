import { merged } from "../../ordered-keys.ts";
import type { StateRange } from "../../storage/reader.ts";
import type { Flight, StateWrite } from "../flow/flight.ts";
import { Overlay } from "./overlay.ts";

/** The value of a key. */
export interface Entry {
  readonly value: string;
  readonly expires: number | undefined;
}

interface Written extends StateWrite {
  readonly flight: Flight;
}

/** The committed entries of one space. */
export interface Committed {
  get(key: string): Entry | undefined;
  /** Entries that expire at or after `from` and before `before`, with the size of each in bytes. */
  expiring(from: number, before: number): Iterable<{ readonly key: string; readonly size: number }>;
  /** A page of entries, ordered by key. */
  page(range: StateRange): readonly (readonly [key: string, entry: Entry])[];
}

/** A range of keys: those that start with `prefix`, after `after` (exclusive), up to `end` (inclusive). */
interface Between {
  readonly prefix: string;
  readonly after: string | undefined;
  readonly end: string | undefined;
}

/** The largest page that a scan reads from the database, in entries. */
const largestPage = 4096;

/** Bytes of a key and its value in UTF-8. */
export const sizeOf = (key: string, value: string): number => Buffer.byteLength(key) + Buffer.byteLength(value);

/** One key space in three layers: writes of the current event, writes of uncommitted batches, committed entries. */
export class StateSpace {
  readonly name: string;
  /** Writes of uncommitted batches. */
  readonly overlay = new Overlay<Written>();
  readonly #committed: Committed;
  /** Writes of the current event. */
  readonly #pending = new Overlay<StateWrite>();
  #swept: number;
  #sweeping: number;

  constructor(name: string, swept: number, committed: Committed) {
    this.name = name;
    this.#committed = committed;
    this.#swept = swept;
    this.#sweeping = swept;
  }

  /** Entries with `expires` below this are absent. */
  get swept(): number {
    return this.#sweeping;
  }

  get(key: string): Entry | undefined {
    if (this.#pending.size > 0) {
      const pending = this.#pending.get(key);
      if (pending) return this.#visible(pending);
    }
    return this.#visible(this.overlay.get(key) ?? this.#committed.get(key));
  }

  #visible(write: StateWrite | undefined): Entry | undefined {
    if (write === undefined || write.value === undefined) return undefined;
    return this.isSwept(write.expires) ? undefined : (write as Entry);
  }

  /** Whether an entry with this `expires` is absent. */
  isSwept(expires: number | undefined): boolean {
    return expires !== undefined && expires < this.#sweeping;
  }

  /** Size of the entry under a key, in bytes; 0 if there is none. */
  sizeOf(key: string): number {
    const entry = this.get(key);
    return entry ? sizeOf(key, entry.value) : 0;
  }

  set(key: string, value: string, expires: number | undefined): void {
    // An entry that is already expired is absent at once, even if the sweep has not reached the disk yet.
    if (this.isSwept(expires)) this.delete(key);
    else this.#pending.set(key, { value, expires });
  }

  delete(key: string): void {
    this.#pending.set(key, { value: undefined, expires: undefined });
  }

  sweep(before: number): void {
    this.#sweeping = Math.max(before, this.#sweeping);
  }

  /** Up to `limit` entries after `after` whose keys start with `prefix`. */
  scan(prefix: string, after: string | undefined, limit: number): [string, string][] {
    const found: [string, string][] = [];
    let from = after;
    // Pages grow, because the first ones may hold only entries that have been deleted or swept since.
    for (let size = limit; found.length < limit; size = Math.min(size * 2, largestPage)) {
      const page = this.#committed.page({ prefix, after: from, limit: size });
      const isLast = page.length < size;
      const end = isLast ? undefined : page.at(-1)![0];
      this.#merge(page, { prefix, after: from, end }, found, limit);
      if (isLast) break;
      from = end;
    }
    return found;
  }

  /** Merges a page of committed entries with the uncommitted writes in its range, and appends the visible entries. */
  #merge(page: readonly (readonly [string, Entry])[], range: Between, found: [string, string][], limit: number): void {
    const committed = new Map(page);
    const keys = merged(
      committed.keys(),
      merged(this.#keysOf(this.overlay, range), this.#keysOf(this.#pending, range)),
    );
    for (const key of keys) {
      if (found.length >= limit) return;
      const entry = this.#visible(this.#pending.get(key) ?? this.overlay.get(key) ?? committed.get(key));
      if (entry) found.push([key, entry.value]);
    }
  }

  #keysOf(writes: Overlay<unknown>, { prefix, after, end }: Between): Iterable<string> {
    return writes.size === 0 ? [] : writes.order.within(prefix, after, end);
  }

  /** Moves the writes of the current event into the batch. Returns the number of bytes added to the batch. */
  keep(flight: Flight): number {
    let bytes = 0;
    if (this.#sweeping > this.#swept) {
      this.#swept = this.#sweeping;
      flight.sweeps.set(this.name, this.#swept);
    }
    if (this.#pending.size === 0) return bytes;
    const writes = flight.writes.get(this.name) ?? new Map<string, StateWrite>();
    flight.writes.set(this.name, writes);
    for (const [key, write] of this.#pending) {
      this.overlay.set(key, { ...write, flight });
      writes.set(key, write);
      bytes += key.length + (write.value?.length ?? 0);
    }
    this.#pending.clear();
    return bytes;
  }

  get hasPending(): boolean {
    return this.#pending.size > 0 || this.#sweeping > this.#swept;
  }

  /** Bytes that a sweep to `before` would free. */
  bytesBelow(before: number): number {
    let bytes = 0;
    for (const { key, size } of this.#committed.expiring(this.#sweeping, before))
      if (!this.#pending.has(key) && !this.overlay.get(key)) bytes += size;
    for (const writes of [this.overlay, this.#pending])
      for (const [key] of writes) {
        if (writes === this.overlay && this.#pending.has(key)) continue;
        const entry = this.get(key);
        if (entry?.expires !== undefined && entry.expires < before) bytes += sizeOf(key, entry.value);
      }
    return bytes;
  }

  undo(): void {
    this.#pending.clear();
    this.#sweeping = this.#swept;
  }
}
