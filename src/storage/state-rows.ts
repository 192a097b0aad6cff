import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { KeeperChange } from "./database.ts";
import { forgetRows } from "./forget.ts";
import { expiry, migrate } from "./format.ts";
import { reading } from "./storage-error.ts";

export interface StateRow {
  readonly key: string;
  readonly value: string;
  readonly expires: number | undefined;
}

interface Row {
  readonly key: string;
  readonly value: string;
  readonly expires: number | null;
}

const entryOf = ({ key, value, expires }: Row): StateRow => ({ key, value, expires: expires ?? undefined });

/** The key spaces, found by their index alone. */
const spaces = `WITH RECURSIVE space(name) AS (SELECT min(component) FROM state UNION ALL
  SELECT (SELECT min(component) FROM state WHERE component > name) FROM space WHERE name IS NOT NULL)
  SELECT name FROM space WHERE name IS NOT NULL`;

/** The stored state of all components, as rows: for commands. To change it, lock the data dir, and call `change`. */
export class StateRows {
  readonly #database: DatabaseSync;
  readonly #get: StatementSync;
  readonly #all: StatementSync;
  readonly #between: StatementSync;

  constructor(path: string, { readOnly }: { readonly readOnly: boolean }) {
    this.#database = new DatabaseSync(path, { readOnly, timeout: 5000 });
    if (!readOnly) {
      this.#database.exec("PRAGMA synchronous = FULL");
      migrate(this.#database);
    }
    const rows = `SELECT key, value, ${expiry(this.#database)} AS expires FROM state WHERE component = ?`;
    this.#get = this.#database.prepare(`${rows} AND key = ?`);
    this.#all = this.#database.prepare(`${rows} ORDER BY key`);
    this.#between = this.#database.prepare(`${rows} AND key >= ? AND key < ? ORDER BY key`);
  }

  /** The names of the key spaces: components, and their scopes after slashes. */
  spaces(): readonly string[] {
    const rows = reading(() => this.#database.prepare(spaces).all()) as { readonly name: string }[];
    return rows.map(({ name }) => name);
  }

  get(space: string, key: string): StateRow | undefined {
    const row = reading(() => this.#get.get(space, key)) as Row | undefined;
    return row && entryOf(row);
  }

  *of(space: string): Iterable<StateRow> {
    for (const row of this.#all.iterate(space) as Iterable<Row>) yield entryOf(row);
  }

  /** The entries whose keys are at or after `from`, and before `to`. */
  between(space: string, from: string, to: string): readonly StateRow[] {
    return (this.#between.all(space, from, to) as unknown as Row[]).map(entryOf);
  }

  /** When a component wants its next tick, and its epoch; `undefined` if it never had a tick and wants none. */
  keeper(component: string): KeeperChange | undefined {
    const row = this.#database.prepare("SELECT wake, mark, epoch FROM keeper WHERE component = ?").get(component);
    if (row === undefined) return undefined;
    const { wake, mark, epoch } = row as {
      readonly wake: number | null;
      readonly mark: number | null;
      readonly epoch: number;
    };
    return { component, wake: wake ?? undefined, mark: mark ?? undefined, epoch };
  }

  /** The latest ingestion time, in milliseconds since 1970; 0 if there is none. */
  get clock(): number {
    const row = this.#database.prepare("SELECT ingested FROM clock").get();
    return (row as { readonly ingested: number } | undefined)?.ingested ?? 0;
  }

  /** The details of a source's checkpoints, by stream, as JSON. */
  checkpoints(source: string): ReadonlyMap<string, string> {
    const rows = this.#database.prepare("SELECT stream, detail FROM checkpoint WHERE source = ?").all(source);
    return new Map(
      (rows as { readonly stream: string; readonly detail: string }[]).map(({ stream, detail }) => [stream, detail]),
    );
  }

  /** Everything that expired before this time is gone; -Infinity if nothing ever expired. */
  swept(space: string): number {
    const row = this.#database.prepare("SELECT before FROM swept WHERE component = ?").get(space);
    return (row as { readonly before: number } | undefined)?.before ?? Number.NEGATIVE_INFINITY;
  }

  /** Reads everything as it is at one moment. */
  async snapshot<T>(use: () => Promise<T> | T): Promise<T> {
    this.#database.exec("BEGIN");
    try {
      return await use();
    } finally {
      this.#database.exec("COMMIT");
    }
  }

  /** Makes all changes of `use` or, when it rejects, none. They are on disk when this resolves. */
  async change<T>(use: (writer: StateWriter) => Promise<T> | T): Promise<T> {
    const prepare = (text: string) => this.#database.prepare(text);
    const set = prepare(
      "INSERT INTO state VALUES (?, ?, ?, ?, NULL) ON CONFLICT DO UPDATE SET value = excluded.value, expires = excluded.expires, until = NULL",
    );
    const unset = prepare("DELETE FROM state WHERE component = ? AND key = ?");
    const inside = "(component = ?1 OR (component > ?1 || '/' AND component < ?1 || '0'))";
    const clear = [prepare(`DELETE FROM state WHERE ${inside}`), prepare(`DELETE FROM swept WHERE ${inside}`)];
    const add = prepare("INSERT OR IGNORE INTO state VALUES (?, ?, ?, ?, NULL)");
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      // The next start counts them anew.
      this.#database.exec("DELETE FROM state_size");
      const result = await use({
        set: (space, key, value, expires) => void set.run(space, key, value, expires ?? null),
        add: (space, key, value, expires) => add.run(space, key, value, expires ?? null).changes > 0,
        delete: (space, key) => void unset.run(space, key),
        clear: (space) => {
          for (const statement of clear) statement.run(space);
        },
        forget: (component) => forgetRows(this.#database, component),
        swept: (space, before) => void prepare("INSERT OR REPLACE INTO swept VALUES (?, ?)").run(space, before),
        keeper: ({ component, wake, mark, epoch }) =>
          void prepare("INSERT OR REPLACE INTO keeper VALUES (?, ?, ?, ?)").run(
            component,
            wake ?? null,
            mark ?? null,
            epoch,
          ),
        clock: (ingested) =>
          void prepare(
            "INSERT INTO clock VALUES (1, ?) ON CONFLICT DO UPDATE SET ingested = max(ingested, excluded.ingested)",
          ).run(ingested),
        checkpoint: (source, stream, detail) =>
          void prepare("INSERT OR REPLACE INTO checkpoint VALUES (?, ?, 0, ?, NULL)").run(source, stream, detail),
      });
      this.#database.exec("COMMIT");
      return result;
    } catch (error) {
      // A full disk has ended the transaction already.
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  close(): void {
    this.#database.close();
  }
}

export interface StateWriter {
  set(space: string, key: string, value: string, expires: number | undefined): void;
  /** Like `set`, but false and without an effect if the key has an entry. */
  add(space: string, key: string, value: string, expires: number | undefined): boolean;
  delete(space: string, key: string): void;
  /** Removes a key space with those within it. */
  clear(space: string): void;
  /** Removes all that is kept of a component. */
  forget(component: string): void;
  /** What expires before this time is gone. */
  swept(space: string, before: number): void;
  keeper(keeper: KeeperChange): void;
  /** Sets the latest ingestion time, unless it is later already. */
  clock(ingested: number): void;
  /** Sets a checkpoint at position 0; `detail` is JSON. */
  checkpoint(source: string, stream: string, detail: string): void;
}
