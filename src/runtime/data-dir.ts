import { join } from "node:path";
import { Committer, type CommitterOptions } from "../storage/committer.ts";
import { Database } from "../storage/database.ts";
import { makeDirectories, systemFiles } from "../storage/files.ts";
import { type Lock, lockDataDir } from "../storage/lock.ts";
import { Reader, type Saved } from "../storage/reader.ts";
import { tidyDeadLetters } from "../storage/tidy-dead-letters.ts";
import { type CommitWriter, inlineWriter, threadedWriter } from "../storage/writer.ts";

/** A locked data dir: what it held at start, a reader, and the writer of commits. */
export interface DataDir {
  readonly path: string;
  readonly saved: Saved;
  readonly reader: Reader;
  readonly writer: CommitWriter;
  close(): Promise<void>;
}

/** The largest segment, in bytes: small enough to free disk space early, large enough to keep the number of files low. */
const segmentBytes = 16 * 1024 * 1024;

/** Makes the writer of a data dir. Tests pass their own, with instrumented file operations. */
export type MakeWriter = (
  options: Pick<CommitterOptions, "dataDir" | "ends" | "segmentBytes"> & { readonly databasePath: string },
) => CommitWriter;

/** Makes a writer that runs the committer in the calling thread, on `files`. */
export const writerOver =
  (files = systemFiles, wrap = (database: CommitterOptions["database"]) => database): MakeWriter =>
  ({ databasePath, ...options }) =>
    inlineWriter(new Committer({ ...options, files, database: wrap(new Database(databasePath)) }));

/** Locks and opens a data dir; creates it if needed. Throws a readable error if it is in use or has a newer format. */
export const openDataDir = (path: string, makeWriter: MakeWriter = threadedWriter): DataDir => {
  makeDirectories(join(path, "outboxes"));
  systemFiles.syncDirectory(path);
  const lock: Lock = lockDataDir(path);
  try {
    const databasePath = join(path, "weir.db");
    const database = new Database(databasePath);
    systemFiles.syncDirectory(path);
    const reader = new Reader(databasePath);
    const found = reader.load();
    const saved = tidyDeadLetters({ dataDir: path, saved: found, database }) ? reader.load() : found;
    database.close();
    const writer = makeWriter({ dataDir: path, databasePath, ends: saved.ends, segmentBytes });
    const close = async () => {
      await writer.close();
      reader.close();
      lock.release();
    };
    return { path, saved, reader, writer, close };
  } catch (error) {
    lock.release();
    throw error;
  }
};
