import { DatabaseSync, type StatementSync } from "node:sqlite";

/** A set of texts of any size: SQLite keeps it in a file without a name, which goes with the process, when it gets large. */
export class KeySet {
  readonly #database = new DatabaseSync("");
  readonly #add: StatementSync;
  readonly #has: StatementSync;

  constructor() {
    this.#database.exec("CREATE TABLE keys (key TEXT PRIMARY KEY) WITHOUT ROWID; BEGIN");
    this.#add = this.#database.prepare("INSERT OR IGNORE INTO keys VALUES (?)");
    this.#has = this.#database.prepare("SELECT 1 FROM keys WHERE key = ?");
  }

  /** True if it was not in the set. */
  add(key: string): boolean {
    return this.#add.run(key).changes > 0;
  }

  has(key: string): boolean {
    return this.#has.get(key) !== undefined;
  }

  close(): void {
    this.#database.close();
  }
}
