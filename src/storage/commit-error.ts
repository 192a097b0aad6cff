/** A sync that failed says nothing of what is on the disk, and asking again may lie: the process must end. */
export class SyncError extends Error {
  /** The system's own code, such as `EIO`. */
  readonly code: string;

  constructor(what: string, cause: unknown) {
    super(`a sync of ${what} went wrong: ${messageOf(cause)}`, { cause });
    this.code = codeOf(cause);
  }
}

/** SQLite's extended codes for a sync that went wrong: SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC. */
const syncCodes = new Set(["1034", "1290"]);

/** A file or a directory, or the database, could not be synced. */
export const isSyncError = (error: unknown): boolean => error instanceof SyncError || syncCodes.has(codeOf(error));

/** No room: on the disk, within a quota, and SQLite's SQLITE_FULL. */
const fullCodes = new Set(["ENOSPC", "EDQUOT", "13"]);

export const isFullError = (error: unknown): boolean => fullCodes.has(codeOf(error));

/** SQLite's SQLITE_CORRUPT and SQLITE_NOTADB. */
const brokenCodes = new Set(["11", "26"]);

/** Trying again may help: not with a bug of ours, and not with a database that is broken. */
export const isPassing = (error: unknown): boolean => codeOf(error) !== "UNKNOWN" && !brokenCodes.has(codeOf(error));

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code of a system or SQLite error as text; `UNKNOWN` where there is none. */
export const codeOf = (error: unknown): string => {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  return errcode !== undefined ? String(errcode) : code !== undefined ? String(code) : "UNKNOWN";
};
