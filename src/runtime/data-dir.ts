import { join } from "node:path";
import { Committer, type CommitterOptions } from "../storage/committer.ts";
import { describeDamage, findDamage } from "../storage/damage.ts";
import { Database } from "../storage/database.ts";
import { deadLetterOutbox } from "../storage/dead-letter-index.ts";
import { makeDirectories, systemFiles } from "../storage/files.ts";
import { restoreHeldFrames } from "../storage/held-frames.ts";
import { describeDamagedNumbers } from "../storage/last-commit.ts";
import { lazyWriter } from "../storage/lazy-writer.ts";
import { type Lock, lockDataDir } from "../storage/lock.ts";
import { describeLostEnd, findLostEnd, type LostEnd, lossAfter } from "../storage/lost-end.ts";
import { Reader, type Saved } from "../storage/reader.ts";
import { keepEvidence, recoverOutboxes } from "../storage/recover.ts";
import { describeSalvaged, salvage } from "../storage/salvage.ts";
import { describeSegmentLoss, settleSegmentLoss } from "../storage/segment-loss.ts";
import type { SegmentLoss } from "../storage/segments.ts";
import { tidyDeadLetters } from "../storage/tidy-dead-letters.ts";
import { type CommitWriter, inlineWriter, type WriterOptions } from "../storage/writer.ts";

/** A locked data dir: what it held at start, a reader, and the writer of commits. */
export interface DataDir {
  readonly path: string;
  readonly saved: Saved;
  readonly reader: Reader;
  readonly writer: CommitWriter;
  /** What was repaired at start, for people. */
  readonly repairs: readonly string[];
  /** The segment files that were found missing or cut. */
  readonly gone: readonly SegmentLoss[];
  close(): Promise<void>;
}

/** The largest segment, in bytes: small enough to free disk space early, large enough to keep the number of files low. */
const segmentBytes = 16 * 1024 * 1024;

/** Makes the writer of a data dir. Tests pass their own, with instrumented file operations. */
export type MakeWriter = (options: WriterOptions) => CommitWriter;

/** Makes a writer that runs the committer in the calling thread, on `files`. */
export const writerOver =
  (files = systemFiles, wrap = (database: CommitterOptions["database"]) => database): MakeWriter =>
  ({ database, ...options }) =>
    inlineWriter(new Committer({ ...options, files, database: wrap(database) }));

const unsyncedFiles = { ...systemFiles, sync: async () => undefined, syncDirectory: () => undefined };

/** A writer in the calling thread, of a data dir that is removed with its process: nothing needs to outlive the machine. */
export const unsyncedWriter: MakeWriter = ({ database, databasePath, ...options }) => {
  database.close();
  const unsynced = new Database(databasePath, { isUnsynced: true });
  return inlineWriter(new Committer({ ...options, files: unsyncedFiles, database: unsynced }));
};

export interface OpenOptions {
  /** Opens also a data dir whose database has lost commits, with what is left. */
  readonly recover?: boolean;
}

/**
 * Locks and opens a data dir; creates it if needed. Throws a readable error if it is in use, has a newer format, or has lost
 * commits.
 */
export const openDataDir = (
  path: string,
  makeWriter: MakeWriter = lazyWriter(),
  { recover = false }: OpenOptions = {},
): DataDir => {
  makeDirectories(path);
  const lock: Lock = lockDataDir(path);
  try {
    makeDirectories(join(path, "outboxes"));
    const databasePath = join(path, "weir.db");
    const damagedNumbers = describeDamagedNumbers(path);
    const damage = findDamage(path, { thorough: recover });
    if (damage && !recover) throw new Error(describeDamage(path, damage));
    const salvaged = damage === undefined ? undefined : salvage(path);
    const lost = salvaged ? lossAfter(path) : findLostEnd(path);
    if (lost && !recover) throw new Error(describeLostEnd(path, lost));
    if (lost) keepEvidence(path, lost);
    const database = new Database(databasePath);
    systemFiles.syncDirectory(path);
    const reader = new Reader(databasePath);
    const repairs = [
      ...damagedNumbers,
      ...(salvaged ? [describeSalvaged(salvaged)] : []),
      ...repair(path, database, reader, lost),
    ];
    const cut = restoreHeldFrames(path, database, reader, lost !== undefined);
    const gone = [...cut, ...settleSegmentLoss(path, database, reader)];
    repairs.push(...gone.map(describeSegmentLoss));
    const found = reader.load();
    const saved = tidyDeadLetters({ dataDir: path, saved: found, database }) ? reader.load() : found;
    const writer = makeWriter({ dataDir: path, databasePath, database, ends: saved.ends, segmentBytes });
    const close = async () => {
      await writer.close();
      reader.close();
      lock.release();
    };
    return { path, saved, reader, writer, repairs, gone, close };
  } catch (error) {
    lock.release();
    throw error;
  }
};

/** Makes the database agree with the outboxes that are there. Returns what it did, for people. */
const repair = (path: string, database: Database, reader: Reader, lost: LostEnd | undefined): string[] => {
  const told: string[] = [];
  if (lost) {
    const { held, made } = lost;
    const left = lost.isEmpty
      ? "there are no checkpoints and no state; sources start anew"
      : `continuing with the checkpoints and the state of commit ${held}${made > held ? ` instead of ${made}` : ""}; sources may read again what came after it`;
    told.push(`recovering "${path}": ${left}`);
    for (const { outbox, from, events, torn } of recoverOutboxes(path, database, reader.load(), lost)) {
      const removed = torn > 0 ? `; ${torn} bytes after the last intact event are removed` : "";
      told.push(
        outbox === deadLetterOutbox
          ? `recovered ${events} dead letters; letters that were purged or replayed may be back${removed}`
          : `recovered ${events} events for "${outbox}": delivery continues at byte ${from.offset} of segment ${from.segment}, and some may be delivered again${removed}`,
      );
    }
  }
  return told;
};
