import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/** The file beside weir.db with the number of the last commit. */
const fileName = "last-commit";

const encode = (number: number): string => {
  const digits = String(number).padStart(16, "0");
  return `${digits} ${crc32(digits).toString(16).padStart(8, "0")}\n`;
};

/** The highest commit that is known to be in weir.db, whatever weir.db says now; 0 if nothing is known. */
export const readLastCommit = (dataDir: string): number => {
  try {
    const text = readFileSync(join(dataDir, fileName), "latin1");
    const number = Number.parseInt(text, 10);
    return text === encode(number) ? number : 0;
  } catch {
    return 0;
  }
};

/**
 * Writes down the number of each commit after it, so that a database that has lost commits can be told from one that never
 * had them. The file is not synced: after a power failure it may be older than weir.db, which proves nothing, but never newer.
 */
export class LastCommit {
  readonly #fd: number | undefined;

  constructor(dataDir: string) {
    try {
      // Like "r+", but creates the file.
      this.#fd = openSync(join(dataDir, fileName), 0o102, 0o600);
    } catch {
      // A disk without room for it must not keep weir from delivering.
    }
  }

  /** Call it only when the commit is on the disk. */
  record(number: number): void {
    if (this.#fd === undefined) return;
    try {
      writeSync(this.#fd, encode(number), 0, "latin1");
    } catch {
      // An older number is no false one.
    }
  }

  sync(): void {
    if (this.#fd === undefined) return;
    try {
      fdatasyncSync(this.#fd);
    } catch {
      // As above.
    }
  }

  close(): void {
    if (this.#fd !== undefined) closeSync(this.#fd);
  }
}
