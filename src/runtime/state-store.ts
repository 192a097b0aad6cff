import { LRUCache } from "lru-cache";
import type { Batch } from "../batch.ts";
import type { State } from "../state.ts";
import { Claim, type Flight, type StateWrite } from "./flight.ts";

interface Written extends StateWrite {
  readonly flight: Flight;
}

/**
 * The state of all components: writes are kept per batch until its commit; reads see the newest, then a cache of what
 * is committed, then the database.
 */
export class StateStore {
  readonly #read: (component: string, key: string) => string | undefined;
  readonly #overlay = new Map<string, Map<string, Written>>();
  readonly #cache = new LRUCache<string, string>({ max: 50_000 });

  constructor(read: (component: string, key: string) => string | undefined) {
    this.#read = read;
  }

  /** The key space of one component, or of a scope within it. */
  for(space: string): State {
    const overlay = this.#overlay.get(space) ?? new Map<string, Written>();
    this.#overlay.set(space, overlay);
    return {
      get: (key) => overlay.get(key)?.value ?? this.#committed(space, key),
      set: (batch, key, value, expires) => {
        const flight = flightOf(batch, space);
        const write = { value, expires };
        overlay.set(key, { ...write, flight });
        const writes = flight.writes.get(space) ?? new Map<string, StateWrite>();
        flight.writes.set(space, writes.set(key, write));
        flight.grow(key.length + value.length);
      },
      sweep: (batch, before) => {
        const { sweeps } = flightOf(batch, space);
        sweeps.set(space, Math.max(before, sweeps.get(space) ?? Number.NEGATIVE_INFINITY));
      },
      scope: (name) => this.for(`${space}/${name}`),
    };
  }

  #committed(component: string, key: string): string | undefined {
    const cached = this.#cache.get(`${component}\n${key}`);
    if (cached !== undefined) return cached;
    const value = this.#read(component, key);
    if (value !== undefined) this.#cache.set(`${component}\n${key}`, value);
    return value;
  }

  /** A batch's writes are in the database: its entries leave the overlay, unless a later batch wrote them anew. */
  committed(flight: Flight): void {
    for (const [component, writes] of flight.writes) {
      const overlay = this.#overlay.get(component);
      for (const [key, { value }] of writes) {
        this.#cache.set(`${component}\n${key}`, value);
        if (overlay?.get(key)?.flight === flight) overlay.delete(key);
      }
    }
  }
}

const flightOf = (batch: Batch, space: string): Flight => {
  if (!(batch.token instanceof Claim) || batch.token.spent)
    throw new Error(`"${space}" wrote state for a batch that it has already sent on`);
  return batch.token.flight;
};
