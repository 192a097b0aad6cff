import { changesOf } from "../../src/runtime/commit-request.ts";
import { Flight } from "../../src/runtime/flow/flight.ts";
import type { ComponentState } from "../../src/runtime/state/component-state.ts";
import { StateStore } from "../../src/runtime/state/state-store.ts";
import { Database } from "../../src/storage/database.ts";
import { Reader } from "../../src/storage/reader.ts";

export interface HostIndex {
  readonly limit?: number;
  readonly page?: number;
}

/** The state of components as the runtime keeps it: batches in order, commits of the oldest, over a database file. */
export class Host {
  readonly #path: string;
  readonly #index: HostIndex;
  readonly quotas: ReadonlyMap<string, number>;
  readonly #database: Database;
  readonly #reader: Reader;
  readonly #store: StateStore;
  readonly #states = new Map<string, ComponentState>();
  #flights: Flight[] = [];
  #unanswered: Flight[] = [];
  #next = 1;

  /** `index`: how the index of keys is filled, and its limit. */
  constructor(path: string, quotas: ReadonlyMap<string, number>, index: HostIndex = {}) {
    this.#path = path;
    this.quotas = quotas;
    this.#index = index;
    this.#database = new Database(path);
    this.#reader = new Reader(path);
    this.#store = new StateStore({ reader: this.#reader, ...this.#reader.load(), cached: 1_000, index });
    this.rebuild();
  }

  of(component: string): ComponentState {
    return this.#states.get(component)!;
  }

  /** The uncommitted batch with this index, from the oldest. */
  flight(index: number): Flight {
    while (this.#flights.length <= index)
      this.#flights.push(
        new Flight(this.#next++, { checkpoint: undefined, bytes: 0, ingested: 0, settled: undefined }),
      );
    return this.#flights[index]!;
  }

  /** Commits the oldest batches. The state learns of it only with the answer. */
  write(count: number): void {
    this.answer();
    this.#unanswered = this.#flights.splice(0, count);
    this.#database.commit({ ...changesOf(this.#unanswered), ends: [], delivered: [] });
  }

  /** The size of each component in the database: as the commits say, and as its rows are. */
  sizes(): readonly (readonly [component: string, said: number, counted: number])[] {
    const { sizes } = this.#reader.load();
    return [...sizes].map(([component, said]) => [component, said, this.#reader.stateBytes(component)]);
  }

  answer(): void {
    for (const flight of this.#unanswered.splice(0)) this.#store.committed(flight);
  }

  /** Reads a page for the index. */
  fill(): void {
    this.#store.indexes.fill();
  }

  /** Restarts each component from its committed state, in the same process. */
  rebuild(): void {
    this.answer();
    this.#flights = [];
    for (const [component, quota] of this.quotas) this.#states.set(component, this.#store.for(component, quota));
  }

  reopen(): Host {
    this.close();
    return new Host(this.#path, this.quotas, this.#index);
  }

  close(): void {
    this.#reader.close();
    this.#database.close();
  }
}
