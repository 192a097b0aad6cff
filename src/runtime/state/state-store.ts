import type { KeeperChange } from "../../storage/database.ts";
import type { StateReader } from "../../storage/reader.ts";
import type { Flight } from "../flow/flight.ts";
import { CommittedState } from "./committed-state.ts";
import { ComponentState } from "./component-state.ts";
import type { Indexes, IndexesOptions } from "./index/indexes.ts";
import { StateSpace } from "./state-space.ts";
import type { StateWatch } from "./state-watch.ts";

export interface StateStoreOptions {
  readonly reader: StateReader;
  /** How far each space was swept when the process started. */
  readonly swept: ReadonlyMap<string, number>;
  /** What was stored for components with ticks when the process started. */
  readonly keepers: ReadonlyMap<string, KeeperChange>;
  /** The bytes of the state of each component, as far as they were counted. */
  readonly sizes?: ReadonlyMap<string, number>;
  /** How many committed entries are kept in memory, for all components together, beside those that the index holds. */
  readonly cached?: number;
  /** The index of keys, for all components together. Without `onFilling`, only first pages are read. */
  readonly index?: Partial<Omit<IndexesOptions, "reader">>;
}

/** What the cache and the index hold if it is not given. */
const [cachedEntries, indexLimit] = [50_000, 256 * 1024 * 1024];

/**
 * The state of all components. Writes are kept per batch until its commit. Reads look at uncommitted writes first, then at
 * what is committed.
 */
export class StateStore {
  readonly #reader: StateReader;
  readonly #committed: CommittedState;
  readonly #swept: Map<string, number>;
  readonly #keepers: Map<string, KeeperChange>;
  readonly #sizes: Map<string, number>;
  readonly #spaces = new Map<string, StateSpace>();

  constructor({
    reader,
    swept,
    keepers,
    sizes = new Map(),
    cached = cachedEntries,
    index: { limit = indexLimit, onFilling = () => undefined, page } = {},
  }: StateStoreOptions) {
    this.#reader = reader;
    this.#committed = new CommittedState({ reader, cached, index: { limit, onFilling, page } });
    this.#swept = new Map(swept);
    this.#keepers = new Map(keepers);
    this.#sizes = new Map(sizes);
  }

  /** Which committed keys there are, in memory. */
  get indexes(): Indexes {
    return this.#committed.indexes;
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
      committedBytes: () => this.#sizes.get(component) ?? this.#reader.stateBytes(component),
    });
  }

  /** Forgets the state of a component that does not run. */
  forget(component: string): void {
    const isOf = (name: string) => name === component || name.startsWith(`${component}/`);
    for (const known of [this.#spaces, this.#swept, this.#keepers, this.#sizes])
      for (const name of [...known.keys()]) if (isOf(name)) known.delete(name);
    this.#committed.forget(component);
  }

  #space(name: string): StateSpace {
    const known = this.#spaces.get(name);
    if (known) return known;
    const space = new StateSpace(name, this.#swept.get(name) ?? Number.NEGATIVE_INFINITY, {
      get: (key) => this.#committed.get(name, key),
      expiring: (from, before) => this.#reader.expiringState(name, from, before),
      page: (range) => this.#committed.page(name, range),
    });
    this.#spaces.set(name, space);
    return space;
  }

  /** Called when a batch is committed: removes its writes from the overlay, except keys that a later batch wrote again. */
  committed(flight: Flight): void {
    this.#committed.committed(flight);
    for (const [name, writes] of flight.writes) {
      const overlay = this.#spaces.get(name)?.overlay;
      if (!overlay) continue;
      for (const key of writes.keys()) if (overlay.get(key)?.flight === flight) overlay.delete(key);
    }
    for (const [name, before] of flight.sweeps) this.#swept.set(name, before);
    for (const [component, keeper] of flight.keepers) this.#keepers.set(component, keeper);
    for (const [component, bytes] of flight.sizes)
      if (bytes === undefined) this.#sizes.delete(component);
      else this.#sizes.set(component, bytes);
  }
}
