import { closeSync, existsSync, fdatasyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Room kept free for the day the disk is full: enough for the database to record what was delivered, which frees more. */
export interface Reserve {
  /** Gives the room back to the disk. */
  release(): void;
  /** Takes it again, if the disk has it; to be called now and then. */
  restore(): void;
}

const reserveBytes = 4 * 1024 * 1024;
/** How long the disk is left alone after a release, in milliseconds. */
const patience = 60_000;

/** The reserve of a data dir: a file of zeros beside the database. */
export const reserveFile = (dataDir: string, now: () => number = Date.now): Reserve => {
  const path = join(dataDir, "reserve");
  let releasedAt: number | undefined;
  const remove = () => {
    try {
      unlinkSync(path);
    } catch {
      // Without it there is nothing to give back.
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
      // No room for a reserve: what there is of it would only be missing elsewhere.
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
