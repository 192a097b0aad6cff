import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Json } from "../json.ts";
import { compareKeys } from "../ordered-keys.ts";
import type { Checkpoint } from "../plugin.ts";

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

export interface StateChange {
  /** Name of the key space: the component, or one of its scopes. */
  readonly component: string;
  readonly key: string;
  /** `undefined`: the entry is deleted. */
  readonly value: string | undefined;
  readonly expires: number | undefined;
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

/** A page of a key space: up to `limit` entries whose keys start with `prefix`, after the key `after`. */
export interface StateRange {
  readonly prefix: string;
  readonly after: string | undefined;
  readonly limit: number;
}

interface StateEntry {
  readonly value: string;
  readonly expires: number | undefined;
}

/** Reads the committed state of components. */
export interface StateReader {
  state(component: string, key: string): StateEntry | undefined;
  /** A page of entries, ordered by key (by code point). */
  scanState(component: string, range: StateRange): readonly (readonly [key: string, entry: StateEntry])[];
  /** Size of a component's state in bytes: keys and values, including its scopes. */
  stateBytes(component: string): number;
  /** Entries that expire at or after `from` and before `before`, with the size of each in bytes. */
  expiringState(
    component: string,
    from: number,
    before: number,
  ): Iterable<{ readonly key: string; readonly size: number }>;
}

/** A new state for the dead letter whose frame is at this place and has this size; `kept` resets it. */
export interface DeadLetterChange extends Place {
  readonly size: number;
  readonly state: "gone" | "replay" | "kept";
}

/** The changes of one commit, which are applied atomically. */
export interface Changes {
  readonly checkpoints: readonly CheckpointChange[];
  readonly state: readonly StateChange[];
  /** Removes entries of `component` that expire before `before`. */
  readonly sweeps: readonly { readonly component: string; readonly before: number }[];
  readonly keepers?: readonly KeeperChange[];
  /** The new end of each outbox that the commit appends to. */
  readonly ends: readonly { readonly outbox: string; readonly end: Place }[];
  readonly delivered: readonly { readonly outbox: string; readonly place: Place; readonly record: Json | undefined }[];
  /** Highest ingestion time so far, in milliseconds since 1970. */
  readonly ingested: number;
  readonly deadLetters?: readonly DeadLetterChange[];
}

/** An empty commit. */
export const noChanges: Changes = { checkpoints: [], state: [], sweeps: [], ends: [], delivered: [], ingested: 0 };

/** What the database of a data dir holds at start. */
export interface Saved {
  readonly checkpoints: ReadonlyMap<string, ReadonlyMap<string, Checkpoint>>;
  readonly ends: ReadonlyMap<string, Place>;
  readonly delivered: ReadonlyMap<string, { readonly place: Place; readonly record: Json | undefined }>;
  readonly ingested: number;
  /** How far each key space was swept: entries that expire before are absent. */
  readonly swept: ReadonlyMap<string, number>;
  readonly keepers: ReadonlyMap<string, KeeperChange>;
  /** Whether no component has any state. */
  readonly stateless: boolean;
  /** The dead letters that are gone, or marked for replay at the next start; all others are unchanged. */
  readonly deadLetters: readonly DeadLetterChange[];
}

/** Version of the tables; a newer one is rejected. */
const formatVersion = 3;

const tables = `
  CREATE TABLE IF NOT EXISTS checkpoint (source TEXT, stream TEXT, position INTEGER NOT NULL, detail TEXT NOT NULL, PRIMARY KEY (source, stream)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS state (component TEXT, key TEXT, value TEXT NOT NULL, expires REAL, PRIMARY KEY (component, key)) WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS state_expires ON state (component, expires) WHERE expires IS NOT NULL;
  CREATE TABLE IF NOT EXISTS swept (component TEXT PRIMARY KEY, before REAL NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS keeper (component TEXT PRIMARY KEY, wake REAL, mark REAL, epoch INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS outbox_end (outbox TEXT PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS delivered (outbox TEXT PRIMARY KEY, segment INTEGER NOT NULL, offset INTEGER NOT NULL, record TEXT) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS clock (id INTEGER PRIMARY KEY CHECK (id = 1), ingested INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS dead_letter (segment INTEGER, offset INTEGER, size INTEGER NOT NULL, state TEXT NOT NULL, PRIMARY KEY (segment, offset)) WITHOUT ROWID;
`;

/** Writes to weir.db: one transaction per commit, on the disk when `commit` returns (WAL, synchronous FULL). */
export class Database {
  readonly #database: DatabaseSync;
  readonly #statements: Record<
    | "checkpoint"
    | "forget"
    | "state"
    | "unset"
    | "sweep"
    | "swept"
    | "keeper"
    | "end"
    | "delivered"
    | "clock"
    | "deadLetter"
    | "keep",
    StatementSync
  >;

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { timeout: 5000 });
    this.#database.exec("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 4000;");
    migrate(this.#database, path);
    const prepare = (text: string) => this.#database.prepare(text);
    this.#statements = {
      checkpoint: prepare(
        "INSERT INTO checkpoint VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET position = excluded.position, detail = excluded.detail",
      ),
      forget: prepare("DELETE FROM checkpoint WHERE source = ? AND stream = ?"),
      state: prepare(
        "INSERT INTO state VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE SET value = excluded.value, expires = excluded.expires",
      ),
      unset: prepare("DELETE FROM state WHERE component = ? AND key = ?"),
      sweep: prepare("DELETE FROM state WHERE component = ? AND expires < ?"),
      swept: prepare("INSERT OR REPLACE INTO swept VALUES (?, ?)"),
      keeper: prepare("INSERT OR REPLACE INTO keeper VALUES (?, ?, ?, ?)"),
      end: prepare("INSERT OR REPLACE INTO outbox_end VALUES (?, ?, ?)"),
      delivered: prepare("INSERT OR REPLACE INTO delivered VALUES (?, ?, ?, ?)"),
      clock: prepare(
        "INSERT INTO clock VALUES (1, ?) ON CONFLICT DO UPDATE SET ingested = max(ingested, excluded.ingested)",
      ),
      deadLetter: prepare("INSERT OR REPLACE INTO dead_letter VALUES (?, ?, ?, ?)"),
      keep: prepare("DELETE FROM dead_letter WHERE segment = ? AND offset = ?"),
    };
  }

  /** Applies all of `changes` or, when it throws, none of them. */
  commit(changes: Changes): void {
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      this.#write(changes);
      this.#database.exec("COMMIT");
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  #write({ checkpoints, state, sweeps, keepers = [], ends, delivered, ingested, deadLetters = [] }: Changes): void {
    const statements = this.#statements;
    for (const { source, stream, checkpoint } of checkpoints)
      if (checkpoint) statements.checkpoint.run(source, stream, checkpoint.position, JSON.stringify(checkpoint.detail));
      else statements.forget.run(source, stream);
    for (const { component, key, value, expires } of state)
      if (value === undefined) statements.unset.run(component, key);
      else statements.state.run(component, key, value, expires ?? null);
    for (const { component, before } of sweeps) {
      statements.sweep.run(component, before);
      statements.swept.run(component, before);
    }
    for (const { component, wake, mark, epoch } of keepers)
      statements.keeper.run(component, wake ?? null, mark ?? null, epoch);
    for (const { outbox, end } of ends) statements.end.run(outbox, end.segment, end.offset);
    for (const { outbox, place, record } of delivered)
      statements.delivered.run(
        outbox,
        place.segment,
        place.offset,
        record === undefined ? null : JSON.stringify(record),
      );
    if (ingested > 0) statements.clock.run(ingested);
    for (const { segment, offset, size, state } of deadLetters)
      if (state === "kept") statements.keep.run(segment, offset);
      else statements.deadLetter.run(segment, offset, size, state);
  }

  close(): void {
    this.#database.close();
  }
}

const migrate = (database: DatabaseSync, path: string) => {
  const { user_version: found } = database.prepare("PRAGMA user_version").get() as { user_version: number };
  if (found > formatVersion)
    throw new Error(
      `"${path}" has format ${found} of a newer weir; this version supports formats up to ${formatVersion}. Run the newer weir, or use another --data-dir.`,
    );
  database.exec(tables);
  if (found < formatVersion) database.exec(`PRAGMA user_version = ${formatVersion}`);
};

interface StateRow {
  readonly value: string;
  readonly expires: number | null;
}

/** The smallest string that is greater than every string with this prefix, by code point; null if there is none. */
const keyAfterAll = (prefix: string): string | null => {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0)!;
    // Skip the surrogates, which are not characters.
    if (point < 0x10ffff) return points.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return null;
};

/** Bytes of an entry in UTF-8. */
const size = "(length(CAST(key AS BLOB)) + length(CAST(value AS BLOB)))";

/** Reads weir.db on its own connection, and sees what is committed. The database must exist. */
export class Reader implements StateReader {
  readonly #database: DatabaseSync;
  readonly #state: StatementSync;
  readonly #from: StatementSync;
  readonly #after: StatementSync;
  readonly #expiring: StatementSync;

  constructor(path: string) {
    this.#database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
    const prepare = (text: string) => this.#database.prepare(text);
    this.#state = prepare("SELECT value, expires FROM state WHERE component = ? AND key = ?");
    const page = (start: string) =>
      `SELECT key, value, expires FROM state WHERE component = ?1 AND key ${start} ?2 AND (?3 IS NULL OR key < ?3) ORDER BY key LIMIT ?4`;
    this.#from = prepare(page(">="));
    this.#after = prepare(page(">"));
    this.#expiring = prepare(
      `SELECT key, ${size} AS size FROM state WHERE component = ? AND expires >= ? AND expires < ?`,
    );
  }

  state(component: string, key: string): StateEntry | undefined {
    const row = this.#state.get(component, key) as unknown as StateRow | undefined;
    return row && { value: row.value, expires: row.expires ?? undefined };
  }

  scanState(component: string, { prefix, after, limit }: StateRange): [string, StateEntry][] {
    const end = keyAfterAll(prefix);
    const rows =
      after === undefined || compareKeys(after, prefix) < 0
        ? this.#from.all(component, prefix, end, limit)
        : this.#after.all(component, after, end, limit);
    return (rows as unknown as (StateRow & { readonly key: string })[]).map(({ key, value, expires }) => [
      key,
      { value, expires: expires ?? undefined },
    ]);
  }

  stateBytes(component: string): number {
    // Scopes are named after the component and a slash, and "0" is the character after that.
    const { bytes } = this.#database
      .prepare(
        `SELECT ifnull(sum(${size}), 0) AS bytes FROM state WHERE component = ?1 OR (component > ?1 || '/' AND component < ?1 || '0')`,
      )
      .get(component) as { bytes: number };
    return bytes;
  }

  expiringState(component: string, from: number, before: number): Iterable<{ key: string; size: number }> {
    return this.#expiring.iterate(component, from, before) as Iterable<{ key: string; size: number }>;
  }

  /** The state of each component: number of entries, and bytes of keys and values. */
  stateSizes(): Record<string, { readonly entries: number; readonly bytes: number }> {
    const query = `SELECT component, count(*) AS entries, sum(${size}) AS bytes FROM state GROUP BY component`;
    const rows = this.#database.prepare(query).all() as { component: string; entries: number; bytes: number }[];
    return Object.fromEntries(rows.map(({ component, entries, bytes }) => [component, { entries, bytes }]));
  }

  load(): Saved {
    const rows = (text: string) => this.#database.prepare(text).all() as Record<string, string & number>[];
    const checkpoints = new Map<string, Map<string, Checkpoint>>();
    for (const { source, stream, position, detail } of rows("SELECT * FROM checkpoint")) {
      const streams = checkpoints.get(source!) ?? new Map<string, Checkpoint>();
      checkpoints.set(source!, streams.set(stream!, { position: position!, detail: JSON.parse(detail!) }));
    }
    const place = (row: Record<string, string & number>): Place => ({
      segment: row["segment"]!,
      offset: row["offset"]!,
    });
    return {
      checkpoints,
      ends: new Map(rows("SELECT * FROM outbox_end").map((row) => [row["outbox"]!, place(row)])),
      delivered: new Map(
        rows("SELECT * FROM delivered").map((row) => [
          row["outbox"]!,
          { place: place(row), record: row["record"] == null ? undefined : (JSON.parse(row["record"]) as Json) },
        ]),
      ),
      swept: new Map(rows("SELECT * FROM swept").map((row) => [row["component"]!, row["before"]!])),
      keepers: new Map(
        rows("SELECT * FROM keeper").map((row) => [
          row["component"]!,
          {
            component: row["component"]!,
            wake: row["wake"] ?? undefined,
            mark: row["mark"] ?? undefined,
            epoch: row["epoch"]!,
          },
        ]),
      ),
      ingested: rows("SELECT ingested FROM clock")[0]?.["ingested"] ?? 0,
      stateless: rows("SELECT 1 FROM state LIMIT 1").length === 0,
      deadLetters: rows("SELECT * FROM dead_letter").map((row) => ({
        ...place(row),
        size: row["size"]!,
        state: row["state"] === "replay" ? "replay" : "gone",
      })),
    };
  }

  close(): void {
    this.#database.close();
  }
}
