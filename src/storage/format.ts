import type { DatabaseSync } from "node:sqlite";

/** Version of the tables; a newer one is rejected. */
export const formatVersion = 8;

const tables = `
  CREATE TABLE IF NOT EXISTS checkpoint (source TEXT, stream TEXT, position INTEGER NOT NULL, detail TEXT NOT NULL, beyond TEXT, PRIMARY KEY (source, stream)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS state (component TEXT, key TEXT, value TEXT NOT NULL, expires REAL, until REAL, PRIMARY KEY (component, key)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS state_expires ON state (component, expires) WHERE expires IS NOT NULL;
  CREATE TABLE IF NOT EXISTS state_size (component TEXT PRIMARY KEY, bytes INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS swept (component TEXT PRIMARY KEY, before REAL NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS keeper (component TEXT PRIMARY KEY, wake REAL, mark REAL, epoch INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS outbox_end (outbox TEXT PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS segment (outbox TEXT, segment INTEGER, length INTEGER NOT NULL, PRIMARY KEY (outbox, segment)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS delivered (outbox TEXT PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL, record TEXT) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS held (outbox TEXT, segment INTEGER, offset INTEGER, bytes BLOB NOT NULL, PRIMARY KEY (outbox, segment, offset)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY CHECK (id = 1), ingested INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS last_commit (id INTEGER PRIMARY KEY CHECK (id = 1), number INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS dead_letter (segment INTEGER, offset INTEGER, size INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (segment, offset)) WITHOUT ROWID;
`;

/** Columns that older formats lack. */
const added = [
  ["checkpoint", "beyond", "TEXT"],
  ["state", "until", "REAL"],
] as const;

const hasColumn = (database: DatabaseSync, table: string, column: string): boolean =>
  database.prepare("SELECT 1 FROM pragma_table_info(?) WHERE name = ?").get(table, column) !== undefined;

/**
 * When a row of `state` expires, as an expression. The column `expires`, which has an index, is no later than that. It stays
 * as it is when an entry is written with a later time: that is in `until`, and a sweep moves it over. An older database has only
 * `expires`.
 */
export const expiry = (database: DatabaseSync): string =>
  hasColumn(database, "state", "until") ? "ifnull(until, expires)" : "expires";

/** Says why this version of weir cannot use a database: a newer weir wrote it, or another program. `undefined` if it can. */
export const describeOther = (database: DatabaseSync, path: string): string | undefined => {
  const found = versionOf(database);
  if (found > formatVersion)
    return `"${path}" has format ${found} of a newer weir; this version supports formats up to ${formatVersion}. Run the newer weir, or use another --data-dir.`;
  const names = "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name";
  const tables = (database.prepare(names).all() as { name: string }[]).map(({ name }) => name);
  if (tables.length === 0 || tables.includes("checkpoint")) return undefined;
  return `"${path}" is a database of another program, with the table "${tables[0]}". Name the data dir of your pipeline, or a new folder, with --data-dir.`;
};

const versionOf = (database: DatabaseSync): number =>
  (database.prepare("PRAGMA user_version").get() as { user_version: number }).user_version;

/** Gives a new database its tables, and an older one those that it lacks: all of them, or none. */
export const migrate = (database: DatabaseSync): void => {
  if (versionOf(database) >= formatVersion) return;
  database.exec("BEGIN IMMEDIATE");
  try {
    database.exec(tables);
    for (const [table, column, type] of added)
      if (!hasColumn(database, table, column)) database.exec(`ALTER TABLE ${table} ADD COLUMN ${column} ${type}`);
    database.exec(`PRAGMA user_version = ${formatVersion}; COMMIT`);
  } catch (error) {
    if (database.isTransaction) database.exec("ROLLBACK");
    throw error;
  }
};
