import { relative } from "node:path";
import type { CommitterOptions } from "../../src/storage/committer.ts";
import type { Changes } from "../../src/storage/database.ts";
import { type Files, systemFiles } from "../../src/storage/files.ts";

/** One call to the disk, before it happens. */
export interface Call {
  readonly name: keyof Files | "commit";
  /** Relative to the data dir; absent for a commit. */
  readonly path: string;
  readonly changes?: Changes;
  /** For a write: its range. For a truncation: the new length. */
  readonly start?: number;
  readonly end?: number;
}

export type Database = CommitterOptions["database"];

export const systemError = (code: string) => Object.assign(new Error(`${code}: planted`), { code });
/** Errors as node:sqlite throws them. */
export const sqliteError = (errcode: number) =>
  Object.assign(new Error("planted"), { code: "ERR_SQLITE_ERROR", errcode });

/**
 * The real file calls and the real database, with a callback before every call. If the callback returns an error, it is
 * thrown instead of the call; a write first writes half of its bytes, like a disk that fills up.
 */
export const watchedStorage = (dataDir: string, watch: (call: Call) => Error | undefined) => {
  const paths = new Map<number, string>();
  const see = (name: Call["name"], path: string, more: Partial<Call> = {}) => {
    const error = watch({ name, path: relative(dataDir, path), ...more });
    if (error) throw error;
  };
  const files: Files = {
    open(path) {
      see("open", path);
      const fd = systemFiles.open(path);
      paths.set(fd, path);
      return fd;
    },
    write(fd, bytes, position) {
      try {
        see("write", paths.get(fd)!, { start: position, end: position + bytes.length });
      } catch (error) {
        systemFiles.write(fd, bytes.subarray(0, bytes.length / 2), position);
        throw error;
      }
      systemFiles.write(fd, bytes, position);
    },
    truncate(fd, length) {
      see("truncate", paths.get(fd)!, { end: length });
      systemFiles.truncate(fd, length);
    },
    async sync(fds) {
      for (const fd of fds) see("sync", paths.get(fd)!);
      await systemFiles.sync(fds);
    },
    syncDirectory(path) {
      see("syncDirectory", path);
      systemFiles.syncDirectory(path);
    },
    makeDirectory(path) {
      see("makeDirectory", path);
      systemFiles.makeDirectory(path);
    },
    close(fd) {
      see("close", paths.get(fd)!);
      systemFiles.close(fd);
    },
    remove(path) {
      see("remove", path);
      systemFiles.remove(path);
    },
  };
  const wrap = (database: Database): Database => ({
    commit(changes) {
      const error = watch({ name: "commit", path: "", changes });
      if (error) throw error;
      database.commit(changes);
    },
    close: () => database.close(),
  });
  return { files, wrap };
};
