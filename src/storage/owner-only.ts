import { chmodSync, closeSync, lstatSync, openSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";

const sticky = 0o1000;

/** Takes the permissions of others away from what belongs to this user. A file system without permissions is left alone. */
const narrow = (path: string, { mode, uid }: { readonly mode: number; readonly uid: number }): void => {
  // A directory with the sticky bit, such as /tmp, is shared on purpose.
  if ((mode & 0o077) === 0 || (mode & sticky) !== 0 || uid !== process.getuid?.()) return;
  try {
    chmodSync(path, mode & 0o7700);
  } catch {
    // What weir writes there does not depend on it.
  }
};

/** Creates a file if it is missing, for its owner only: SQLite would give it the permissions that the umask leaves. */
export const ownFile = (path: string): void => closeSync(openSync(path, "a", 0o600));

/** The files and directories of a data dir. */
const own = /^(weir\.db(\.new)?|lock\.db)(-wal|-shm|-journal)?$|^(outboxes|last-commit|reserve|control\.path)$/;

/** Whether it is the name of a file or directory of weir in a data dir; what else is in there is not weir's. */
export const isOwnName = (name: string): boolean => own.test(name);

/**
 * Makes a data dir, and the files of weir in it, accessible to their owner only, as far as they belong to this user. Links
 * in the data dir are not followed.
 */
export const makeOwnerOnly = (dataDir: string): void => {
  narrow(dataDir, statSync(dataDir));
  for (const name of readdirSync(dataDir)) if (isOwnName(name)) narrowAll(join(dataDir, name));
};

const narrowAll = (path: string): void => {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found || !(found.isFile() || found.isDirectory())) return;
  narrow(path, found);
  if (found.isDirectory()) for (const name of readdirSync(path)) narrowAll(join(path, name));
};
