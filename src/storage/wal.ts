import { statSync } from "node:fs";
import type { DatabaseSync, StatementSync } from "node:sqlite";

/** A WAL longer than this is checkpointed and truncated, in bytes. SQLite alone would reuse it, but never shorten it. */
const longestWal = 32 * 1024 * 1024;

/** The write-ahead log of weir.db. */
export class Wal {
  readonly #path: string;
  readonly #most: number;
  readonly #database: DatabaseSync;
  readonly #checkpoint: StatementSync;
  /** The length at which the next checkpoint is due. */
  #due: number;

  constructor(database: DatabaseSync, path: string, most = longestWal) {
    this.#database = database;
    this.#path = `${path}-wal`;
    this.#most = most;
    this.#due = most;
    this.#checkpoint = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)");
  }

  /** Call it after a commit: checkpoints the WAL if it is too long. */
  limit(): void {
    const length = this.#length();
    if (length <= this.#due) return;
    // While another connection reads, the WAL cannot be truncated: try again when it has grown, not at every commit.
    this.#due = this.checkpoint() ? this.#most : length + this.#most;
  }

  /**
   * Copies the WAL into the database file, syncs it and truncates the WAL, without waiting for readers. Returns whether it
   * did; otherwise the WAL still holds every commit, and is complete.
   */
  checkpoint(): boolean {
    try {
      this.#database.exec("PRAGMA busy_timeout = 0");
      try {
        return (this.#checkpoint.get() as { busy: number }).busy === 0;
      } finally {
        this.#database.exec("PRAGMA busy_timeout = 5000");
      }
    } catch {
      return false;
    }
  }

  #length(): number {
    return statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
  }
}
