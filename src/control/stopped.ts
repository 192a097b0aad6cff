import { existsSync } from "node:fs";
import { join } from "node:path";
import { DeadLetterDesk } from "../runtime/dead-letters/desk.ts";
import { FrameReader } from "../runtime/delivery/frame-reader.ts";
import { oldestIngested } from "../runtime/delivery/outbox-left.ts";
import { describeDamage, findDamage } from "../storage/damage.ts";
import { Database, noChanges, type Place } from "../storage/database.ts";
import { DeadLetterIndex, deadLetterOutbox } from "../storage/dead-letter-index.ts";
import { systemFiles } from "../storage/files.ts";
import { lockDataDir } from "../storage/lock.ts";
import { describeLostEnd, findLostEnd } from "../storage/lost-end.ts";
import { Reader, type Saved } from "../storage/reader.ts";
import { bytesBetween, outboxDirectory, removeSegments } from "../storage/segments.ts";
import { readStored } from "../storage/stored.ts";
import { tidyDeadLetters } from "../storage/tidy-dead-letters.ts";
import { type Control, controlOf, type Reloading, type StoppedStatus } from "./control.ts";

/** The control of the data dir of a stopped weir, locked while it is open. */
export interface StoppedControl extends Control {
  close(): void;
}

/** Says that a folder is not a data dir. */
export const describeMissing = (dataDir: string): string =>
  `"${dataDir}" is not a data dir: it has no weir.db. Give the data dir of your run with --data-dir.`;

const start: Place = { segment: 1, offset: 0 };

/** A commit to a database that has lost its end would hide the loss from the next start. */
const refuseLostEnd = (dataDir: string): void => {
  const damage = findDamage(dataDir);
  if (damage) throw new Error(describeDamage(dataDir, damage));
  const lost = findLostEnd(dataDir);
  if (lost) throw new Error(describeLostEnd(dataDir, lost));
};

/**
 * Locks a data dir and works on its files. Throws an error for people if there is none, it is in use, or it has lost
 * commits.
 */
export const openStopped = (dataDir: string): StoppedControl => {
  const databasePath = join(dataDir, "weir.db");
  if (!existsSync(databasePath)) {
    refuseLostEnd(dataDir);
    throw new Error(describeMissing(dataDir));
  }
  const lock = lockDataDir(dataDir);
  try {
    refuseLostEnd(dataDir);
  } catch (error) {
    lock.release();
    throw error;
  }
  const database = new Database(databasePath);
  const reader = new Reader(databasePath);
  const saved = reader.load();
  const index = new DeadLetterIndex(saved.deadLetters);
  const desk = new DeadLetterDesk({
    directory: outboxDirectory(dataDir, deadLetterOutbox),
    index,
    end: () => saved.ends.get(deadLetterOutbox),
    commit: async (deadLetters) => database.commit({ ...noChanges, deadLetters }),
  });
  return {
    ...controlOf(desk, () => statusOf(dataDir, saved, desk, reader), notRunning(dataDir), {
      stored: async () => readStored(dataDir).map((stored) => ({ ...stored, used: undefined })),
      forget: async (ids) => {
        for (const id of ids) removeSegments(systemFiles, outboxDirectory(dataDir, id));
        database.commit({ ...noChanges, forget: ids });
      },
    }),
    close: () => {
      const { ends, deadLetters } = reader.load();
      tidyDeadLetters({ dataDir, saved: { ends, deadLetters }, database });
      reader.close();
      database.close();
      lock.release();
    },
  };
};

const notRunning = (dataDir: string): Reloading => {
  const refuse = async () => {
    throw new Error(`no weir is running on "${dataDir}". Give the data dir of your run with --data-dir.`);
  };
  return { reload: refuse, diff: refuse };
};

const statusOf = async (
  dataDir: string,
  saved: Saved,
  desk: DeadLetterDesk,
  reader: Reader,
): Promise<StoppedStatus> => ({
  phase: "stopped",
  data_dir: dataDir,
  checkpoints: Object.fromEntries([...saved.checkpoints].map(([source, streams]) => [source, streams.size])),
  outboxes: await Promise.all(
    [...saved.ends].map(([name, end]) =>
      name === deadLetterOutbox ? deadLetterStatus(desk) : outboxStatus(dataDir, name, saved, end),
    ),
  ),
  state: reader.stateSizes(),
});

const outboxStatus = async (dataDir: string, name: string, { delivered }: Saved, end: Place) => {
  const directory = outboxDirectory(dataDir, name);
  const from = delivered.get(name)?.place ?? start;
  const frames = new FrameReader(directory);
  const events = await frames.count(from, end);
  await frames.close();
  const oldest = events > 0 ? oldestIngested(directory, from, end) : undefined;
  const bytes = events > 0 ? bytesBetween(directory, from, end) : 0;
  return { name, bytes, events, ...(oldest === undefined ? {} : { oldest: new Date(oldest).toISOString() }) };
};

const deadLetterStatus = async (desk: DeadLetterDesk) => {
  let [events, bytes] = [0, 0];
  let oldest: number | undefined;
  for await (const { size, head } of desk.letters({})) {
    events++;
    bytes += size;
    oldest ??= head.time;
  }
  const name = deadLetterOutbox;
  return { name, bytes, events, ...(oldest === undefined ? {} : { oldest: new Date(oldest).toISOString() }) };
};
