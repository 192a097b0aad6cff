import type { DatabaseSync, StatementSync } from "node:sqlite";

export interface StateChange {
  /** Name of the key space: the component, or one of its scopes. */
  readonly component: string;
  readonly key: string;
  /** `undefined`: the entry is deleted. */
  readonly value: string | undefined;
  readonly expires: number | undefined;
}

/** What a commit changes in the state of components. */
export interface StateChanges {
  readonly state: readonly StateChange[];
  /** Removes entries of `component` that expire before `before`. */
  readonly sweeps: readonly { readonly component: string; readonly before: number }[];
  /** The bytes of keys and values that each component has then; `undefined` if they were not counted. */
  readonly sizes?: readonly { readonly component: string; readonly bytes: number | undefined }[];
}

/** In the order of the table, or almost: its order is by code point. */
const byPlace = (a: StateChange, b: StateChange): number =>
  a.component < b.component ? -1 : a.component > b.component ? 1 : a.key < b.key ? -1 : a.key > b.key ? 1 : 0;

/** Writes the state of components. What `expires` and `until` hold is said at `expiry`. */
export class StateTable {
  readonly #later: StatementSync;
  readonly #set: StatementSync;
  readonly #unset: StatementSync;
  readonly #sweep: StatementSync;
  readonly #moveOver: StatementSync;
  readonly #swept: StatementSync;
  readonly #size: StatementSync;
  readonly #unsized: StatementSync;

  constructor(database: DatabaseSync) {
    const prepare = (text: string) => database.prepare(text);
    this.#later = prepare(
      "UPDATE state SET value = ?3, until = ?4 WHERE component = ?1 AND key = ?2 AND expires <= ?4",
    );
    this.#set = prepare(
      "INSERT INTO state VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET value = excluded.value, expires = excluded.expires, until = NULL",
    );
    this.#unset = prepare("DELETE FROM state WHERE component = ? AND key = ?");
    this.#sweep = prepare("DELETE FROM state WHERE component = ?1 AND expires < ?2 AND ifnull(until, expires) < ?2");
    this.#moveOver = prepare("UPDATE state SET expires = until, until = NULL WHERE component = ? AND expires < ?");
    this.#swept = prepare("INSERT OR REPLACE INTO swept VALUES (?, ?)");
    this.#size = prepare("INSERT OR REPLACE INTO state_size VALUES (?, ?)");
    this.#unsized = prepare("DELETE FROM state_size WHERE component = ?");
  }

  /** Call it within a transaction. */
  write({ state, sizes = [], sweeps }: StateChanges): void {
    // Neighbours are on one page.
    for (const { component, key, value, expires } of [...state].sort(byPlace))
      if (value === undefined) this.#unset.run(component, key);
      else if (expires === undefined || this.#later.run(component, key, value, expires).changes === 0)
        this.#set.run(component, key, value, expires ?? null);
    for (const { component, bytes } of sizes)
      if (bytes === undefined) this.#unsized.run(component);
      else this.#size.run(component, bytes);
    for (const { component, before } of sweeps) {
      this.#sweep.run(component, before);
      this.#moveOver.run(component, before);
      this.#swept.run(component, before);
    }
  }
}
