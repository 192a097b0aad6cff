import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DeadLetterHead } from "../runtime/dead-letters/dead-letters.ts";
import { Committer } from "../storage/committer.ts";
import { Database, noChanges } from "../storage/database.ts";
import { deadLetterOutbox } from "../storage/dead-letter-index.ts";
import { makeDirectories, systemFiles } from "../storage/files.ts";
import { encodeFrame } from "../storage/frame.ts";
import { Reader } from "../storage/reader.ts";

/** Writes dead letters into a data dir as a run does: in one commit, and in segments of at most `segmentBytes`. */
export const writeLetters = async (
  dataDir: string,
  letters: readonly (Partial<DeadLetterHead> & { readonly data?: unknown })[],
  segmentBytes = 16 * 1024 * 1024,
): Promise<void> => {
  makeDirectories(join(dataDir, "outboxes"));
  const databasePath = join(dataDir, "weir.db");
  const database = new Database(databasePath);
  const reader = new Reader(databasePath);
  const { ends } = reader.load();
  reader.close();
  const committer = new Committer({ dataDir, files: systemFiles, database, ends, segmentBytes });
  for (const { data = {}, ...head } of letters)
    await committer.commit({
      ...noChanges,
      appends: [
        { outbox: deadLetterOutbox, bytes: encodeFrame(JSON.stringify({ ...blank, ...head }), JSON.stringify(data)) },
      ],
    });
  await committer.close();
};

const blank: DeadLetterHead = {
  id: "in/stream@0",
  component: "in",
  reason: "not_json",
  message: "the record is not JSON",
  time: Date.UTC(2026, 2, 4),
  attempts: 1,
  source: "in",
  stream: "stream",
  position: 0,
  ingested: Date.UTC(2026, 2, 3),
};

export const temporaryDataDir = (): string => mkdtempSync(join(tmpdir(), "weir-letters-"));
