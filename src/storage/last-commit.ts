import { closeSync, fdatasyncSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";

/**
 * The files with the number of the last commit: beside weir.db, and beside the outboxes. If weir.db and the first one are
 * replaced together by older copies, the second one shows it.
 */
const filesIn = (dataDir: string): string[] => [join(dataDir, "last-commit"), join(dataDir, "outboxes", "last-commit")];

const encode = (number: number): string => {
  const digits = String(number).padStart(16, "0");
  return `${digits} ${crc32(digits).toString(16).padStart(8, "0")}\n`;
};

/** The highest commit that is known to be in weir.db, whatever weir.db says now; 0 if nothing is known. */
export const readLastCommit = (dataDir: string): number => Math.max(...filesIn(dataDir).map(readNumber));

/** The files whose content weir did not write, for people. One that is missing or empty says nothing, and is not among them. */
export const describeDamagedNumbers = (dataDir: string): string[] =>
  filesIn(dataDir)
    .filter((path) => textOf(path) !== "" && readNumber(path) === 0)
    .map((path) => `"${path}" is damaged: if weir.db has lost commits, it cannot show that. It is written anew`);

const readNumber = (path: string): number => {
  const text = textOf(path);
  const number = Number.parseInt(text, 10);
  return text === encode(number) ? number : 0;
};

const textOf = (path: string): string => {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
};

/**
 * Writes down the number of each commit after it, so that a database that has lost commits can be distinguished from one that never
 * had them. The file is not synced: after a power failure it may be older than weir.db, which proves nothing, but never newer.
 */
export class LastCommit {
  readonly #fds: readonly number[];

  constructor(dataDir: string) {
    this.#fds = filesIn(dataDir).flatMap((path) => {
      try {
        // Like "r+", but creates the file.
        return [openSync(path, 0o102, 0o600)];
      } catch {
        // A disk without room for it must not keep weir from delivering.
        return [];
      }
    });
  }

  /** Call it only when the commit is on the disk. */
  record(number: number): void {
    // An older number is no false one.
    this.#each((fd) => writeSync(fd, encode(number), 0, "latin1"));
  }

  sync(): void {
    this.#each(fdatasyncSync);
  }

  close(): void {
    for (const fd of this.#fds) closeSync(fd);
  }

  /** What fails is left as it was. */
  #each(write: (fd: number) => void): void {
    for (const fd of this.#fds)
      try {
        write(fd);
      } catch {
        // See above.
      }
  }
}
