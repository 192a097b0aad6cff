import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import type { Place } from "./database.ts";
import { formatVersion } from "./format.ts";
import { readLastCommit } from "./last-commit.ts";
import { bytesBetween, listSegments, outboxDirectory, segmentName } from "./segments.ts";

/** Why weir.db cannot be what weir committed last. */
export interface LostEnd {
  /** Whether weir.db is missing or empty. */
  readonly isEmpty: boolean;
  /** The last commit that weir.db holds; 0 if it says nothing. */
  readonly held: number;
  /** The last commit that is known to have been made; 0 if that is unknown. */
  readonly made: number;
  /** What the segment files hold beyond the end that weir.db knows, by outbox. */
  readonly beyond: ReadonlyMap<string, number>;
}

interface Known {
  readonly isEmpty: boolean;
  readonly held: number;
  readonly ends: ReadonlyMap<string, Place>;
}

/** The names of the outboxes that have segment files. */
export const outboxesOnDisk = (dataDir: string): string[] => {
  try {
    return readdirSync(join(dataDir, "outboxes"), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => decodeURIComponent(name))
      .filter((name) => listSegments(outboxDirectory(dataDir, name)).length > 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
};

/**
 * Finds out whether weir.db has lost commits. `undefined` unless that is certain: frames beyond the end of an outbox alone
 * are what a crash between an append and its commit leaves. Changes nothing in the data dir.
 */
export const findLostEnd = (dataDir: string): LostEnd | undefined => {
  const known = readKnown(join(dataDir, "weir.db"));
  if (!known) return undefined;
  const made = readLastCommit(dataDir);
  const names = outboxesOnDisk(dataDir);
  // weir.db gets its tables before the first append, and an append adds one segment at most.
  const isCertain =
    made > known.held ||
    (known.isEmpty && names.length > 0) ||
    names.some((name) => lastSegment(dataDir, name) > (known.ends.get(name)?.segment ?? 0) + 1);
  return isCertain ? lossOf(dataDir, known, made) : undefined;
};

/** What is lost when weir.db was damaged, and has only what could be read of it. */
export const lossAfter = (dataDir: string): LostEnd | undefined => {
  const known = readKnown(join(dataDir, "weir.db"));
  return known && lossOf(dataDir, known, readLastCommit(dataDir));
};

const lossOf = (dataDir: string, { isEmpty, held, ends }: Known, made: number): LostEnd => {
  const names = outboxesOnDisk(dataDir);
  const beyond = new Map(names.map((name) => [name, bytesBeyond(dataDir, name, ends.get(name))]));
  return { isEmpty, held, made, beyond };
};

const lastSegment = (dataDir: string, name: string): number => listSegments(outboxDirectory(dataDir, name)).at(-1) ?? 0;

const bytesBeyond = (dataDir: string, name: string, end: Place = { segment: 1, offset: 0 }): number => {
  const directory = outboxDirectory(dataDir, name);
  const segment = lastSegment(dataDir, name);
  const { size } = statSync(join(directory, segmentName(segment)));
  return segment < end.segment ? 0 : Math.max(0, bytesBetween(directory, end, { segment, offset: size }));
};

/** What weir.db says, read without changing it; `undefined` if a newer weir wrote it. */
const readKnown = (path: string): Known | undefined => {
  const empty = { isEmpty: true, held: 0, ends: new Map<string, Place>() };
  // SQLite would remove the WAL of an empty file.
  if (!statSync(path, { throwIfNoEntry: false })?.size) return empty;
  const database = new DatabaseSync(path, { readOnly: true, timeout: 5000 });
  try {
    const rows = (text: string) => database.prepare(text).all() as Record<string, string & number>[];
    const format = rows("PRAGMA user_version")[0]!["user_version"]!;
    if (format === 0) return empty;
    if (format > formatVersion) return undefined;
    const held = format < 4 ? 0 : (rows("SELECT number FROM last_commit")[0]?.["number"] ?? 0);
    const ends = rows("SELECT * FROM outbox_end").map(
      ({ outbox, segment, offset }) => [outbox!, { segment: segment!, offset: offset! }] as const,
    );
    return { isEmpty: false, held, ends: new Map(ends) };
  } finally {
    database.close();
  }
};

/** Says what was found, what is lost, and what to do. */
export const describeLostEnd = (dataDir: string, { isEmpty, held, made, beyond }: LostEnd): string => {
  const path = join(dataDir, "weir.db");
  const found = isEmpty ? `"${path}" is missing or empty` : `"${path}" ends with commit ${held}`;
  const wanted =
    made > held
      ? `weir has made commit ${made}`
      : "the outboxes have segments of later commits, which it does not know";
  const bytes = [...beyond].filter(([, count]) => count > 0).map(([name, count]) => `${count} bytes for "${name}"`);
  const events = bytes.length === 0 ? "" : ` It knows nothing of events that may be undelivered: ${bytes.join(", ")}.`;
  return (
    `${found}, but ${wanted}: the checkpoints and the state of the missing commits are lost.${events} ` +
    "If you have weir.db and weir.db-wal as they were, put them back. Otherwise start once with weir run --recover: it " +
    "delivers all intact events of the outboxes, some of them again. To start with nothing, use another --data-dir."
  );
};
