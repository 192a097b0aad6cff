/** A failed sync. What reached the disk is unknown, and a second sync may wrongly succeed, so the process must end. */
export class SyncError extends Error {
  /** The system's own code, such as `EIO`. */
  readonly code: string;

  constructor(what: string, cause: unknown) {
    super(`cannot sync ${what}: ${messageOf(cause)}`, { cause });
    this.code = codeOf(cause);
  }
}

/** SQLite's extended codes for a failed sync: SQLITE_IOERR_FSYNC and SQLITE_IOERR_DIR_FSYNC. */
const syncCodes = new Set(["1034", "1290"]);

/** Whether a file, a directory or the database could not be synced. */
export const isSyncError = (error: unknown): boolean => error instanceof SyncError || syncCodes.has(codeOf(error));

/** The disk is full, a quota is exceeded, and SQLite's SQLITE_FULL. */
const fullCodes = new Set(["ENOSPC", "EDQUOT", "13"]);

export const isFullError = (error: unknown): boolean => fullCodes.has(codeOf(error));

/** There is no file descriptor left to open a file or a directory with: nothing was written or synced yet. */
export const isOutOfFiles = (error: unknown): boolean => ["EMFILE", "ENFILE"].includes(codeOf(error));

/** SQLite's SQLITE_CORRUPT and SQLITE_NOTADB. */
const brokenCodes = new Set(["11", "26"]);

/** Whether trying again may help: not after a bug of weir, and not with a corrupt database. */
export const isTransient = (error: unknown): boolean => codeOf(error) !== "UNKNOWN" && !brokenCodes.has(codeOf(error));

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** The code of a system or SQLite error as text; `UNKNOWN` without one. */
export const codeOf = (error: unknown): string => {
  const { code, errcode } = (error ?? {}) as { code?: unknown; errcode?: unknown };
  return errcode !== undefined ? String(errcode) : code !== undefined ? String(code) : "UNKNOWN";
};
