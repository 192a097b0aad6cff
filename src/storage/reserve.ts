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

/** The reserve of a data dir: a file of zeros beside the database. */
export const reserveFile = (dataDir: string, now: () => number = () => performance.now()): Reserve => {
  const path = join(dataDir, "reserve");
  let releasedAt: number | undefined;
  const remove = () => {
    try {
      unlinkSync(path);
    } catch {
      // There is no reserve to return.
    }
  };
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
      remove();
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  };
  fill();
  return {
    release() {
      releasedAt = now();
      remove();
    },
    restore() {
      if (releasedAt === undefined || now() - releasedAt < patience) return;
      releasedAt = undefined;
      fill();
    },
  };
};
