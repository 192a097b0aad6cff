import type { DatabaseSync, StatementSync } from "node:sqlite";

/** The free part of the file is given back if it is larger than this, in bytes, and than half of the file. */
const worthwhile = 64 * 1024 * 1024;
/** More than this is not copied while others wait, in bytes: it would take seconds. SQLite uses the free part again. */
const mostCopied = 64 * 1024 * 1024;
/** Commits between two looks. */
const stride = 64;
/** Time between two attempts while weir runs, in milliseconds. */
const pause = 3_600_000;

/**
 * Gives room in weir.db back to the disk, when most of it is free: when much state has expired, for example. What is left is
 * copied (`VACUUM`), which needs as much room for a moment.
 */
export class Room {
  readonly #database: DatabaseSync;
  readonly #pages: StatementSync;
  readonly #free: StatementSync;
  readonly #pageSize: number;
  readonly #least: number;
  #commits = 0;
  #tried = Number.NEGATIVE_INFINITY;

  /** `least`: the free bytes that are worthwhile. */
  constructor(database: DatabaseSync, least = worthwhile) {
    this.#database = database;
    this.#pages = database.prepare("PRAGMA page_count");
    this.#free = database.prepare("PRAGMA freelist_count");
    this.#pageSize = numberOf(database.prepare("PRAGMA page_size"));
    this.#least = least;
  }

  /** Call it after a commit. */
  committed(): void {
    if (++this.#commits % stride !== 0 || performance.now() - this.#tried < pause) return;
    this.giveBack();
  }

  /** Does nothing unless it is worthwhile. It throws if it fails; nothing has changed then. */
  giveBack(): void {
    const free = numberOf(this.#free);
    const used = numberOf(this.#pages) - free;
    if (free * this.#pageSize < this.#least || free < used || used * this.#pageSize > mostCopied) return;
    this.#tried = performance.now();
    this.#database.exec("VACUUM");
  }
}

const numberOf = (pragma: StatementSync): number => Object.values(pragma.get()!)[0] as number;
