import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";

/** Taken while it is held by nobody else; the system releases it when the process ends, however it ends. */
export interface Lock {
  release(): void;
}

/**
 * The lock on a data dir: an exclusive transaction on `lock.db`, which nothing else opens.
 * Throws an error for people when another weir holds it.
 */
export const lockDataDir = (dataDir: string): Lock => {
  const database = new DatabaseSync(join(dataDir, "lock.db"), { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    if ((error as { errcode?: number }).errcode !== 5) throw error;
    throw new Error(
      `the data dir "${dataDir}" is in use by another weir. Stop that one, or name another with --data-dir.`,
    );
  }
  return { release: () => database.close() };
};
