import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { checkEntries } from "./own-entries.ts";
import { makeOwnerOnly, ownFile } from "./owner-only.ts";

/** An exclusive lock, which the system releases when the process ends, however it ends. */
export interface Lock {
  release(): void;
}

/**
 * Locks a data dir with an exclusive transaction on `lock.db`, which nothing else opens. Throws a readable error when
 * another weir holds the lock. Before that it makes the data dir accessible to its owner only, so that no other user can
 * hold the lock.
 */
export const lockDataDir = (dataDir: string): Lock => {
  const path = join(dataDir, "lock.db");
  makeOwnerOnly(dataDir);
  checkEntries(dataDir);
  ownFile(path);
  const database = new DatabaseSync(path, { timeout: 0 });
  try {
    database.exec("PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE");
  } catch (error) {
    database.close();
    const { errcode } = error as { errcode?: number };
    if (errcode === 26) throw new Error(`"${path}" is not what weir wrote there. Remove it: it only serves as a lock.`);
    if (errcode !== 5) throw error;
    throw new Error(
      `the data dir "${dataDir}" is in use by another weir. Stop that process, or use another --data-dir.`,
    );
  }
  return { release: () => database.close() };
};
