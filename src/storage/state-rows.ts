import { DatabaseSync, type StatementSync } from "node:sqlite";
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

  constructor(path: string, { readOnly }: { readonly readOnly: boolean }) {
    this.#database = new DatabaseSync(path, { readOnly, timeout: 5000 });
    if (!readOnly) {
      this.#database.exec("PRAGMA synchronous = FULL");
      migrate(this.#database, path);
    }
    const rows = `SELECT key, value, ${expiry(this.#database)} AS expires FROM state WHERE component = ?`;
    this.#get = this.#database.prepare(`${rows} AND key = ?`);
    this.#all = this.#database.prepare(`${rows} ORDER BY key`);
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
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      // The next start counts them anew.
      this.#database.exec("DELETE FROM state_size");
      const result = await use({
        set: (space, key, value, expires) => void set.run(space, key, value, expires ?? null),
        delete: (space, key) => void unset.run(space, key),
        clear: (space) => {
          for (const statement of clear) statement.run(space);
        },
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
  delete(space: string, key: string): void;
  /** Removes a key space with those within it. */
  clear(space: string): void;
}
