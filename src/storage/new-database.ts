import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemFiles } from "./files.ts";
import { migrate } from "./format.ts";
import { ownFile } from "./owner-only.ts";

/** What SQLite keeps beside a database. */
const beside = ["-wal", "-shm", "-journal"];

/**
 * Creates the database at `path`, with its tables, if there is no file. It is made under another name: SQLite would sync each step
 * of it, which can take longer than the rest of a start, and here one sync is enough. If this is interrupted, there is no database.
 */
export const createDatabase = (path: string): void => {
  if (existsSync(path)) return;
  const fresh = `${path}.new`;
  for (const suffix of ["", ...beside]) rmSync(fresh + suffix, { force: true });
  ownFile(fresh);
  const database = new DatabaseSync(fresh);
  try {
    database.exec("PRAGMA journal_mode = MEMORY; PRAGMA synchronous = OFF");
    migrate(database);
    database.exec("PRAGMA journal_mode = WAL");
  } finally {
    database.close();
  }
  syncFile(fresh);
  removeStrays(path);
  renameSync(fresh, path);
};

/** The WAL of a file that is gone would become that of the new one. */
const removeStrays = (path: string): void => {
  const strays = beside.map((suffix) => path + suffix).filter((each) => existsSync(each));
  for (const each of strays) rmSync(each);
  if (strays.length > 0) systemFiles.syncDirectory(dirname(path));
};

const syncFile = (path: string): void => {
  const fd = openSync(path, "r+");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
};
