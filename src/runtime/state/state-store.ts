import { LRUCache } from "lru-cache";
import type { KeeperChange } from "../../storage/database.ts";
import type { StateReader } from "../../storage/reader.ts";
import type { Flight } from "../flow/flight.ts";
import { ComponentState } from "./component-state.ts";
import { type Entry, StateSpace } from "./state-space.ts";
import type { StateWatch } from "./state-watch.ts";

export interface StateStoreOptions {
  readonly reader: StateReader;
  /** How far each space was swept when the process started. */
  readonly swept: ReadonlyMap<string, number>;
  /** How many committed entries are kept in memory. */
  readonly cached?: number;
  /** What was stored for components with ticks when the process started. */
  readonly keepers: ReadonlyMap<string, KeeperChange>;
}

/** Size of the cache of committed state, in entries, for all components together. */
const cachedEntries = 50_000;
/** How many keys without an entry are remembered between two commits: a transform asks for a key before it writes it. */
const mostAbsent = 1_000;

/**
 * The state of all components. Writes are kept per batch until its commit. Reads look at uncommitted writes first, then at
 * a cache of committed entries, then in the database.
 */
export class StateStore {
  readonly #reader: StateReader;
  readonly #swept: Map<string, number>;
  readonly #keepers: Map<string, KeeperChange>;
  readonly #spaces = new Map<string, StateSpace>();
  readonly #cached: number;
  #cache: LRUCache<string, Entry> | undefined;
  readonly #absent = new Set<string>();
  /** The last page that was scanned: a transform often deletes or changes what it has just found. */
  #scanned: { readonly space: string; readonly entries: ReadonlyMap<string, Entry> } | undefined;

  constructor({ reader, swept, keepers, cached = cachedEntries }: StateStoreOptions) {
    this.#cached = cached;
    this.#reader = reader;
    this.#swept = new Map(swept);
    this.#keepers = new Map(keepers);
  }

  /** The room for all of them is taken at once, so only if there is state. */
  get #entries(): LRUCache<string, Entry> {
    this.#cache ??= new LRUCache({ max: this.#cached });
    return this.#cache;
  }

  /**
   * The committed state of one component. `quota` is in bytes; `watch` is called with how much of it is used. Uncommitted
   * writes of an earlier run of the component are discarded.
   */
  for(component: string, quota = Number.POSITIVE_INFINITY, watch?: StateWatch): ComponentState {
    for (const name of this.#spaces.keys())
      if (name === component || name.startsWith(`${component}/`)) this.#spaces.delete(name);
    return new ComponentState({
      id: component,
      quota,
      watch,
      saved: this.#keepers.get(component),
      space: (name) => this.#space(name),
      committedBytes: () => this.#reader.stateBytes(component),
    });
  }

  /** Forgets the state of a component that does not run. */
  forget(component: string): void {
    this.#scanned = undefined;
    const isOf = (name: string) => name === component || name.startsWith(`${component}/`);
    for (const known of [this.#spaces, this.#swept, this.#keepers])
      for (const name of [...known.keys()]) if (isOf(name)) known.delete(name);
    for (const name of [...(this.#cache?.keys() ?? [])]) if (isOf(name.split("\n", 1)[0]!)) this.#cache!.delete(name);
  }

  #space(name: string): StateSpace {
    const known = this.#spaces.get(name);
    if (known) return known;
    const space = new StateSpace(name, this.#swept.get(name) ?? Number.NEGATIVE_INFINITY, {
      get: (key) => this.#committed(name, key),
      expiring: (from, before) => this.#reader.expiringState(name, from, before),
      page: (range) => {
        const page = this.#reader.scanState(name, range);
        this.#scanned = { space: name, entries: new Map(page) };
        return page;
      },
    });
    this.#spaces.set(name, space);
    return space;
  }

  #committed(space: string, key: string): Entry | undefined {
    const scanned = this.#scanned?.space === space ? this.#scanned.entries.get(key) : undefined;
    if (scanned !== undefined) return scanned;
    const name = `${space}\n${key}`;
    const cached = this.#entries.get(name);
    if (cached !== undefined) return cached;
    if (this.#absent.has(name)) return undefined;
    const entry = this.#reader.state(space, key);
    if (entry !== undefined) this.#entries.set(name, entry);
    else {
      if (this.#absent.size >= mostAbsent) this.#absent.clear();
      this.#absent.add(name);
    }
    return entry;
  }

  /** Called when a batch is committed: removes its writes from the overlay, except keys that a later batch wrote again. */
  committed(flight: Flight): void {
    if (flight.writes.size > 0) {
      this.#absent.clear();
      this.#scanned = undefined;
    }
    for (const [name, writes] of flight.writes) {
      const overlay = this.#spaces.get(name)?.overlay;
      for (const [key, { value, expires }] of writes) {
        if (value === undefined) this.#entries.delete(`${name}\n${key}`);
        else this.#entries.set(`${name}\n${key}`, { value, expires });
        if (overlay?.get(key)?.flight === flight) overlay.delete(key);
      }
    }
    for (const [name, before] of flight.sweeps) this.#swept.set(name, before);
    for (const [component, keeper] of flight.keepers) this.#keepers.set(component, keeper);
  }
}
