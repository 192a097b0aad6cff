import { DatabaseSync, type StatementSync } from "node:sqlite";
import type { Json } from "../json.ts";
import { compareKeys } from "../ordered-keys.ts";
import type { Checkpoint } from "../plugin.ts";
import type { DeadLetterChange, HeldFrames, KeeperChange, Place } from "./database.ts";
import { expiry } from "./format.ts";
import { reading, StorageError } from "./storage-error.ts";

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

/** What the database of a data dir holds at start. */
export interface Saved {
  readonly checkpoints: ReadonlyMap<string, ReadonlyMap<string, Checkpoint>>;
  readonly ends: ReadonlyMap<string, Place>;
  readonly delivered: ReadonlyMap<string, { readonly place: Place; readonly record: Json | undefined }>;
  readonly ingested: number;
  /** How far each key space was swept: entries that expire before are absent. */
  readonly swept: ReadonlyMap<string, number>;
  readonly keepers: ReadonlyMap<string, KeeperChange>;
  /** The bytes of keys and values of each component, with its scopes, as far as they were counted. */
  readonly sizes: ReadonlyMap<string, number>;
  /** Whether no component has any state. */
  readonly stateless: boolean;
  /** The lengths of finished segments, in bytes; of segments from before format 5 they are not known. */
  readonly lengths: readonly { readonly outbox: string; readonly segment: number; readonly length: number }[];
  /** The dead letters that are gone, or marked for replay at the next start; all others are unchanged. */
  readonly deadLetters: readonly DeadLetterChange[];
}

interface StateRow {
  readonly value: string;
  readonly expires: number | null;
}

/** For SQLite, bytes are greater than every text. */
const afterAllTexts = new Uint8Array(0);

/** What is the next after every text with this prefix, by code point. */
const keyAfterAll = (prefix: string): string | Uint8Array => {
  const points = [...prefix];
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0)!;
    // Skip the surrogates, which are not characters.
    if (point < 0x10ffff) return points.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return afterAllTexts;
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
    const expires = expiry(this.#database);
    this.#state = prepare(`SELECT value, ${expires} AS expires FROM state WHERE component = ? AND key = ?`);
    // The end must be a plain condition: only then the index ends the search there.
    const page = (start: string) =>
      `SELECT key, value, ${expires} AS expires FROM state WHERE component = ? AND key ${start} ? AND key < ? ORDER BY key LIMIT ?`;
    this.#from = prepare(page(">="));
    this.#after = prepare(page(">"));
    for (const statement of [this.#from, this.#after]) statement.setReturnArrays(true);
    this.#expiring = prepare(
      `SELECT key, ${size} AS size FROM state WHERE component = ?1 AND expires < ?3 AND ${expires} >= ?2 AND ${expires} < ?3`,
    );
  }

  state(component: string, key: string): StateEntry | undefined {
    const row = reading(() => this.#state.get(component, key)) as unknown as StateRow | undefined;
    return row && { value: row.value, expires: row.expires ?? undefined };
  }

  scanState(component: string, { prefix, after, limit }: StateRange): [string, StateEntry][] {
    const end = keyAfterAll(prefix);
    const rows = reading(() =>
      after === undefined || compareKeys(after, prefix) < 0
        ? this.#from.all(component, prefix, end, limit)
        : this.#after.all(component, after, end, limit),
    );
    return (rows as unknown as [string, string, number | null][]).map(([key, value, expires]) => [
      key,
      { value, expires: expires ?? undefined },
    ]);
  }

  stateBytes(component: string): number {
    // Scopes are named after the component and a slash, and "0" is the character after that.
    const query = `SELECT ifnull(sum(${size}), 0) AS bytes FROM state WHERE component = ?1 OR (component > ?1 || '/' AND component < ?1 || '0')`;
    return (reading(() => this.#database.prepare(query).get(component)) as { bytes: number }).bytes;
  }

  *expiringState(component: string, from: number, before: number): Iterable<{ key: string; size: number }> {
    try {
      yield* this.#expiring.iterate(component, from, before) as Iterable<{ key: string; size: number }>;
    } catch (error) {
      throw new StorageError(error);
    }
  }

  /** The state of each component: number of entries, and bytes of keys and values. */
  stateSizes(): Record<string, { readonly entries: number; readonly bytes: number }> {
    const query = `SELECT component, count(*) AS entries, sum(${size}) AS bytes FROM state GROUP BY component`;
    const rows = this.#database.prepare(query).all() as { component: string; entries: number; bytes: number }[];
    return Object.fromEntries(rows.map(({ component, entries, bytes }) => [component, { entries, bytes }]));
  }

  /** The frames that the database holds, as they were committed. */
  heldFrames(): HeldFrames[] {
    return this.#database
      .prepare("SELECT * FROM held ORDER BY outbox, segment, offset")
      .all() as unknown as HeldFrames[];
  }

  load(): Saved {
    const rows = (text: string) => this.#database.prepare(text).all() as Record<string, string & number>[];
    const checkpoints = new Map<string, Map<string, Checkpoint>>();
    for (const { source, stream, position, detail, beyond } of rows("SELECT * FROM checkpoint")) {
      const streams = checkpoints.get(source!) ?? new Map<string, Checkpoint>();
      const lanes = beyond ? { beyond: JSON.parse(beyond) as Readonly<Record<string, number>> } : {};
      checkpoints.set(source!, streams.set(stream!, { position: position!, detail: JSON.parse(detail!), ...lanes }));
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
      sizes: new Map(rows("SELECT * FROM state_size").map((row) => [row["component"]!, row["bytes"]!])),
      ingested: rows("SELECT ingested FROM clock")[0]?.["ingested"] ?? 0,
      stateless: rows("SELECT 1 FROM state LIMIT 1").length === 0,
      lengths: rows("SELECT * FROM segment").map(({ outbox, segment, length }) => ({
        outbox: outbox!,
        segment: segment!,
        length: length!,
      })),
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
