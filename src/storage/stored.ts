import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { deadLetterOutbox } from "./dead-letter-index.ts";
import { bytesBetween, outboxDirectory } from "./segments.ts";

/** What the data dir has of a component. */
export interface Stored {
  readonly id: string;
  /** Streams that have a checkpoint. */
  readonly streams: number;
  /** `undefined` if it is not known. */
  readonly state_entries: number | undefined;
  /** In keys and values. */
  readonly state_bytes: number;
  /** Undelivered bytes; `undefined` if it has no outbox. */
  readonly outbox_bytes: number | undefined;
}

const bytes = "length(CAST(key AS BLOB)) + length(CAST(value AS BLOB))";

/** The key spaces, found by their index alone. */
const spaces = `WITH RECURSIVE space(name) AS (SELECT min(component) FROM state UNION ALL
  SELECT (SELECT min(component) FROM state WHERE component > name) FROM space WHERE name IS NOT NULL)
  SELECT name FROM space WHERE name IS NOT NULL`;

/**
 * Reads what a data dir has of each component; it may be in use. `isCounted`: whether to count the state and the undelivered
 * bytes of a component. That takes time in proportion to the state, and must not be asked for one that runs.
 */
export const readStored = (dataDir: string, isCounted: (id: string) => boolean = () => true): Stored[] => {
  const database = new DatabaseSync(join(dataDir, "weir.db"), { readOnly: true, timeout: 5000 });
  const rows = <T>(text: string, ...values: string[]) => database.prepare(text).all(...values) as unknown as T[];
  try {
    const found = new Map<string, { -readonly [K in keyof Stored]: Stored[K] }>();
    const of = (id: string) => {
      const known = found.get(id) ?? { id, streams: 0, state_entries: 0, state_bytes: 0, outbox_bytes: undefined };
      found.set(id, known);
      return known;
    };
    for (const { source, streams } of rows<{ source: string; streams: number }>(
      "SELECT source, count(*) AS streams FROM checkpoint GROUP BY source",
    ))
      of(source).streams = streams;
    for (const { name } of rows<{ name: string }>(spaces)) {
      const stored = of(name.split("/", 1)[0]!);
      if (!isCounted(stored.id)) stored.state_entries = undefined;
      else
        for (const { entries, size } of rows<{ entries: number; size: number }>(
          `SELECT count(*) AS entries, sum(${bytes}) AS size FROM state WHERE component = ?`,
          name,
        )) {
          stored.state_entries! += entries;
          stored.state_bytes += size;
        }
    }
    for (const { component } of rows<{ component: string }>("SELECT component FROM keeper")) of(component);
    for (const { outbox, segment, offset, from, at } of rows<OutboxRow>(
      'SELECT outbox_end.*, delivered.segment AS "from", delivered.offset AS at FROM outbox_end LEFT JOIN delivered USING (outbox)',
    )) {
      const delivered = { segment: from ?? 1, offset: at ?? 0 };
      // Segments of an outbox in use can be removed at any moment.
      of(outbox).outbox_bytes = isCounted(outbox)
        ? bytesBetween(outboxDirectory(dataDir, outbox), delivered, { segment, offset })
        : 0;
    }
    // A sink without an outbox on disk can have a record.
    for (const { outbox } of rows<{ outbox: string }>("SELECT outbox FROM delivered")) of(outbox);
    found.delete(deadLetterOutbox);
    return [...found.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
  } finally {
    database.close();
  }
};

interface OutboxRow {
  readonly outbox: string;
  readonly segment: number;
  readonly offset: number;
  readonly from: number | null;
  readonly at: number | null;
}
