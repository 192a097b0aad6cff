import { existsSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync, type SQLInputValue } from "node:sqlite";
import { Database } from "./database.ts";
import { systemFiles } from "./files.ts";

/** What was read of a damaged weir.db. */
export interface Salvaged {
  /** Rows by table. */
  readonly rows: Readonly<Record<string, number>>;
  /** The tables that could be read only in part, or not at all. */
  readonly incomplete: readonly string[];
  /** Where the damaged file is now. */
  readonly kept: string;
}

/** For people. */
export const describeSalvaged = ({ rows, incomplete, kept }: Salvaged): string => {
  const counts = Object.entries(rows).map(([table, count]) => `${count} of "${table}"`);
  const lost =
    incomplete.length === 0 ? "everything could be read" : `only a part could be read of: ${incomplete.join(", ")}`;
  return `weir.db is damaged, and is kept as "${kept}"; ${lost}. Rows saved: ${counts.join(", ")}`;
};

/**
 * Replaces a damaged weir.db by one with everything that can still be read of it, in the order of the tables: the small ones
 * first. The damaged file is kept beside it. If this is interrupted, weir.db is the damaged one, or is missing, which the next
 * start notices.
 */
export const salvage = (dataDir: string): Salvaged => {
  const path = join(dataDir, "weir.db");
  const fresh = `${path}.salvaged`;
  for (const suffix of ["", "-wal", "-shm"]) rmSync(fresh + suffix, { force: true });
  new Database(fresh).close();
  const found = copyTables(path, fresh);
  const kept = freeName(`${path}.damaged`);
  rmSync(`${path}-shm`, { force: true });
  if (existsSync(`${path}-wal`)) renameSync(`${path}-wal`, `${kept}-wal`);
  renameSync(path, kept);
  renameSync(fresh, path);
  systemFiles.syncDirectory(dataDir);
  return { ...found, kept };
};

const freeName = (path: string): string => {
  for (let count = 1; ; count++) {
    const name = count === 1 ? path : `${path}-${count}`;
    if (!existsSync(name)) return name;
  }
};

const copyTables = (from: string, to: string): Omit<Salvaged, "kept"> => {
  const target = new DatabaseSync(to);
  const rows: Record<string, number> = {};
  const incomplete: string[] = [];
  try {
    const columns = new Map<string, string[]>();
    for (const { name } of target.prepare("SELECT name FROM sqlite_schema WHERE type = 'table'").all() as {
      name: string;
    }[])
      columns.set(
        name,
        target
          .prepare(`PRAGMA table_info(${name})`)
          .all()
          .map((column) => String(column["name"])),
      );
    // Sizes are those of complete tables, and held frames are not written to their segments after a loss.
    for (const table of ["state_size", "held"]) columns.delete(table);
    const tables = [...columns].sort(([a], [b]) => Number(a === "state") - Number(b === "state"));
    target.exec("PRAGMA synchronous = FULL; BEGIN");
    for (const [table, names] of tables) {
      const insert = target.prepare(`INSERT OR IGNORE INTO ${table} VALUES (${names.map(() => "?").join(", ")})`);
      rows[table] = 0;
      // From both ends, because reading stops at the damage.
      for (const order of ["ASC", "DESC"]) {
        const isWhole = readRows(from, `SELECT * FROM ${table} ORDER BY 1 ${order}`, (row) => {
          rows[table]! += Number(insert.run(...names.map((name) => row[name] ?? null)).changes);
        });
        if (isWhole) break;
        if (order === "DESC") incomplete.push(table);
      }
    }
    target.exec("COMMIT");
  } finally {
    target.close();
  }
  return { rows, incomplete };
};

/** Reads rows until the end or the damage; returns whether it was the end. */
const readRows = (path: string, query: string, take: (row: Record<string, SQLInputValue>) => void): boolean => {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    for (const row of database.prepare(query).iterate()) take(row as Record<string, SQLInputValue>);
    return true;
  } catch {
    return false;
  } finally {
    database?.close();
  }
};
