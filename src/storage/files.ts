import {
  closeSync,
  existsSync,
  fdatasync,
  fdatasyncSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  statSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";

/** The file operations of the committer. A test can pass its own, to record them or make them fail. */
export interface Files {
  /** Opens a file for writing, and creates it if necessary. */
  open(path: string): number;
  /** Writes all of `bytes` at `position`, or throws. */
  write(fd: number, bytes: Uint8Array, position: number): void;
  truncate(fd: number, length: number): void;
  /** Syncs all files in parallel; their data is on the disk when it resolves. */
  sync(fds: readonly number[]): Promise<void>;
  /** The entries of the directory are on the disk when it returns. */
  syncDirectory(path: string): void;
  makeDirectory(path: string): void;
  close(fd: number): void;
  remove(path: string): void;
}

/**
 * Creates a directory and its missing parents, accessible to their owner only. `mkdirSync` with `recursive` never returns
 * below a directory that answers ENOENT to everything, as /proc does.
 */
export const makeDirectories = (path: string): void => {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST" && statSync(path).isDirectory()) return;
    if (code !== "ENOENT" || existsSync(dirname(path))) throw error;
    makeDirectories(dirname(path));
    makeDirectories(path);
  }
};

const fdatasyncAside = promisify(fdatasync);

export const systemFiles: Files = {
  // Like "r+", since weir chooses the positions, but with O_CREAT for a new segment.
  open: (path) => openSync(path, 0o102, 0o600),
  write(fd, bytes, position) {
    for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done, bytes.length - done, position + done);
  },
  truncate: ftruncateSync,
  async sync(fds) {
    if (fds.length === 1) fdatasyncSync(fds[0]!);
    else await Promise.all(fds.map((fd) => fdatasyncAside(fd)));
  },
  syncDirectory(path) {
    const fd = openSync(path, "r");
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
  makeDirectory: makeDirectories,
  close: closeSync,
  remove: unlinkSync,
};
