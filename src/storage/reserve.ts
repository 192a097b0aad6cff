import { closeSync, existsSync, fdatasyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Space kept for a full disk: enough for the database to record what was delivered, which frees more. */
export interface Reserve {
  /** Returns the space to the disk. */
  release(): void;
  /** Takes the space again if the disk has it; call it now and then. */
  restore(): void;
}

const reserveBytes = 4 * 1024 * 1024;
/** How long to wait after a release before taking the space again, in milliseconds. */
const patience = 60_000;

const pathIn = (dataDir: string): string => join(dataDir, "reserve");

/** Returns the space to the disk that an earlier run took. Returns whether there was any. */
export const releaseReserve = (dataDir: string): boolean => {
  try {
    unlinkSync(pathIn(dataDir));
    return true;
  } catch {
    return false;
  }
};

/** The reserve of a data dir: a file of zeros beside the database. */
export const reserveFile = (dataDir: string, now: () => number = () => performance.now()): Reserve => {
  const path = pathIn(dataDir);
  let releasedAt: number | undefined;
  const fill = () => {
    if (existsSync(path)) return;
    let fd: number | undefined;
    try {
      fd = openSync(path, "w", 0o600);
      const zeros = Buffer.alloc(256 * 1024);
      for (let bytes = 0; bytes < reserveBytes; ) bytes += writeSync(fd, zeros);
      fdatasyncSync(fd);
    } catch {
      // There is no room for a reserve: a partial one would only take space from others.
      releaseReserve(dataDir);
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  };
  fill();
  return {
    release() {
      releasedAt = now();
      releaseReserve(dataDir);
    },
    restore() {
      if (releasedAt === undefined || now() - releasedAt < patience) return;
      releasedAt = undefined;
      fill();
    },
  };
};
