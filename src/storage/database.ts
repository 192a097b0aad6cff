import { dirname } from "node:path";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { ingestionTime } from "../ingestion-time.ts";
import type { Json } from "../json.ts";
import type { Checkpoint } from "../plugin.ts";
import { isFullError, isSyncError } from "./commit-error.ts";
import { forgetRows } from "./forget.ts";
import { describeOther, migrate } from "./format.ts";
import { LastCommit } from "./last-commit.ts";
import { createDatabase } from "./new-database.ts";
import { Room } from "./room.ts";
import { type StateChanges, StateTable } from "./state-table.ts";
import { Wal } from "./wal.ts";

/** A place in an outbox: byte `offset` in its segment file number `segment`. */
export interface Place {
  readonly segment: number;
  readonly offset: number;
}

export interface CheckpointChange {
  readonly source: string;
  readonly stream: string;
  /** `undefined` deletes the checkpoint, because the stream no longer exists. */
  readonly checkpoint: Checkpoint | undefined;
}

/** What is stored for a component with ticks. Times are in milliseconds since 1970, on the axis of `meta.ingested`. */
export interface KeeperChange {
  readonly component: string;
  /** When the component wants its next tick. */
  readonly wake: number | undefined;
  /** The time of the last tick on which the component wrote or emitted something. */
  readonly mark: number | undefined;
  /** Number of epochs that have ended, by a final tick or a clock that was set back. */
  readonly epoch: number;
}

/** A new state for the dead letter whose frame is at this place and has this size; `kept` resets it. */
export interface DeadLetterChange extends Place {
  readonly size: number;
  readonly state: "gone" | "replay" | "kept";
}

/** Committed frames that weir.db holds, because the segment to which they were appended has not been synced since. */
export interface HeldFrames extends Place {
  readonly outbox: string;
  readonly bytes: Uint8Array;
}

/** The changes of one commit, which are applied atomically. */
export interface Changes extends StateChanges {
  readonly checkpoints: readonly CheckpointChange[];
  readonly keepers?: readonly KeeperChange[];
  /** The new end of each outbox that the commit appends to. */
  readonly ends: readonly { readonly outbox: string; readonly end: Place }[];
  /** Frames that were appended to their segments, which need not be synced. */
  readonly held?: readonly HeldFrames[];
  /** Outboxes whose segments are synced or delivered up to a place: the frames before it are held no longer. */
  readonly synced?: readonly { readonly outbox: string; readonly place: Place }[];
  readonly delivered: readonly { readonly outbox: string; readonly place: Place; readonly record: Json | undefined }[];
  /** The latest ingestion time, in milliseconds since 1970; 0 if there is none. */
  readonly ingested: number;
  readonly deadLetters?: readonly DeadLetterChange[];
  /** Components of which everything is deleted, before the rest is written. */
  readonly forget?: readonly string[];
}

/** An empty commit. */
export const noChanges: Changes = { checkpoints: [], state: [], sweeps: [], ends: [], delivered: [], ingested: 0 };

export interface DatabaseOptions {
  /** The length of the WAL, and the free part of weir.db, that are too large, in bytes. */
  readonly walBytes?: number;
  readonly freeBytes?: number;
  /** Commits need not outlive the machine: they are not synced. */
  readonly isUnsynced?: boolean;
}

/** Pages that a commit changes stay in memory until its end: with less, SQLite would write some of them twice. */
const cacheKibibytes = 16 * 1024;

/** Writes to weir.db: one transaction per commit, on the disk when `commit` returns (WAL, synchronous FULL). */
export class Database {
  readonly #database: DatabaseSync;
  readonly #wal: Wal;
  readonly #room: Room;
  readonly #lastCommit: LastCommit;
  readonly #state: StateTable;
  #ingested: number;
  /** The segments of the outboxes in which the last commit ended, and up to which they were delivered, as far as known. */
  readonly #lastSegments = new Map<string, number>();
  readonly #firstSegments = new Map<string, number>();
  /** A sync failed: what is on the disk is unknown until the next start. */
  #isUnsure = false;
  readonly #statements: Record<
    | "checkpoint"
    | "forget"
    | "keeper"
    | "end"
    | "finished"
    | "removed"
    | "held"
    | "synced"
    | "delivered"
    | "clock"
    | "deadLetter"
    | "keep"
    | "number",
    StatementSync
  >;

  constructor(path: string, { walBytes, freeBytes, isUnsynced = false }: DatabaseOptions = {}) {
    createDatabase(path);
    this.#database = new DatabaseSync(path, { timeout: 5000 });
    const other = describeOther(this.#database, path);
    if (other) {
      this.#database.close();
      throw new Error(other);
    }
    const synchronous = isUnsynced ? "OFF" : "FULL";
    this.#database.exec(
      `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${synchronous}; PRAGMA wal_autocheckpoint = 4000; PRAGMA cache_size = -${cacheKibibytes};`,
    );
    migrate(this.#database);
    this.#wal = new Wal(this.#database, path, walBytes);
    this.#room = new Room(this.#database, freeBytes);
    this.#lastCommit = new LastCommit(dirname(path));
    this.#state = new StateTable(this.#database);
    const prepare = (text: string) => this.#database.prepare(text);
    this.#ingested = (prepare("SELECT ingested FROM clock").get() as { ingested: number } | undefined)?.ingested ?? 0;
    this.#statements = {
      checkpoint: prepare(
        "INSERT INTO checkpoint VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET position = excluded.position, detail = excluded.detail, beyond = excluded.beyond",
      ),
      forget: prepare("DELETE FROM checkpoint WHERE source = ? AND stream = ?"),
      keeper: prepare("INSERT OR REPLACE INTO keeper VALUES (?, ?, ?, ?)"),
      end: prepare("INSERT OR REPLACE INTO outbox_end VALUES (?, ?, ?)"),
      finished: prepare(
        "INSERT OR REPLACE INTO segment SELECT outbox, segment, offset FROM outbox_end WHERE outbox = ?1 AND segment < ?2",
      ),
      removed: prepare("DELETE FROM segment WHERE outbox = ? AND segment < ?"),
      held: prepare("INSERT INTO held VALUES (?, ?, ?, ?)"),
      synced: prepare(
        "DELETE FROM held WHERE outbox = ?1 AND (segment < ?2 OR segment = ?2 AND offset + length(bytes) <= ?3)",
      ),
      delivered: prepare("INSERT OR REPLACE INTO delivered VALUES (?, ?, ?, ?)"),
      clock: prepare("INSERT INTO clock VALUES (1, ?) ON CONFLICT DO UPDATE SET ingested = excluded.ingested"),
      deadLetter: prepare("INSERT OR REPLACE INTO dead_letter VALUES (?, ?, ?, ?)"),
      keep: prepare("DELETE FROM dead_letter WHERE segment = ? AND offset = ?"),
      number: prepare(
        "INSERT INTO last_commit VALUES (1, ?1 + 1) ON CONFLICT DO UPDATE SET number = max(number, ?1) + 1 RETURNING number",
      ),
    };
  }

  /** Applies all of `changes` or, when it throws, none of them. The commit gets the next number after `after`. */
  commit(changes: Changes, after = 0): void {
    let number: number;
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#write(changes);
      ({ number } = this.#statements.number.get(after) as { number: number });
      this.#database.exec("COMMIT");
    } catch (error) {
      this.#isUnsure ||= isSyncError(error);
      this.#lastSegments.clear();
      this.#firstSegments.clear();
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      // The pages of the WAL have their place in the database file, which need not grow for them.
      if (isFullError(error)) this.#wal.checkpoint();
      throw error;
    }
    this.#lastCommit.record(number);
    this.#tidy(() => this.#room.committed());
    this.#wal.limit();
  }

  #write({
    checkpoints,
    state,
    sweeps,
    keepers = [],
    sizes = [],
    ends,
    held = [],
    synced = [],
    delivered,
    ingested,
    deadLetters = [],
    forget = [],
  }: Changes): void {
    const statements = this.#statements;
    for (const component of forget) {
      forgetRows(this.#database, component);
      this.#lastSegments.delete(component);
      this.#firstSegments.delete(component);
    }
    for (const { source, stream, checkpoint } of checkpoints)
      if (checkpoint) {
        const { position, detail, beyond } = checkpoint;
        const lanes = beyond ? JSON.stringify(beyond) : null;
        statements.checkpoint.run(source, stream, position, JSON.stringify(detail), lanes);
      } else statements.forget.run(source, stream);
    this.#state.write({ state, sizes, sweeps });
    for (const { component, wake, mark, epoch } of keepers)
      statements.keeper.run(component, wake ?? null, mark ?? null, epoch);
    for (const { outbox, end } of ends) {
      if (this.#lastSegments.get(outbox) !== end.segment) statements.finished.run(outbox, end.segment);
      statements.end.run(outbox, end.segment, end.offset);
      this.#lastSegments.set(outbox, end.segment);
    }
    for (const { outbox, place } of synced) statements.synced.run(outbox, place.segment, place.offset);
    for (const { outbox, segment, offset, bytes } of held) statements.held.run(outbox, segment, offset, bytes);
    for (const { outbox, place, record } of delivered) {
      if (this.#firstSegments.get(outbox) !== place.segment) statements.removed.run(outbox, place.segment);
      this.#firstSegments.set(outbox, place.segment);
      statements.delivered.run(
        outbox,
        place.segment,
        place.offset,
        record === undefined ? null : JSON.stringify(record),
      );
    }
    if (ingested > 0) {
      this.#ingested = ingestionTime(ingested, this.#ingested);
      statements.clock.run(this.#ingested);
    }
    for (const { segment, offset, size, state } of deadLetters)
      if (state === "kept") statements.keep.run(segment, offset);
      else statements.deadLetter.run(segment, offset, size, state);
  }

  /** The commit is on the disk whether or not this succeeds. */
  #tidy(giveBack: () => void): void {
    try {
      giveBack();
    } catch (error) {
      this.#isUnsure ||= isSyncError(error);
    }
  }

  /** Moves the WAL into weir.db, so that the file alone holds every commit, and closes it. */
  close(): void {
    if (!this.#isUnsure) {
      this.#tidy(() => this.#room.giveBack());
      this.#wal.checkpoint();
      this.#lastCommit.sync();
    }
    this.#lastCommit.close();
    this.#database.close();
  }
}
