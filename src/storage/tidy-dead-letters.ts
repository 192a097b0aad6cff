import { statSync } from "node:fs";
import { join } from "node:path";
import { type Changes, noChanges, type Place } from "./database.ts";
import { DeadLetterIndex, deadLetterOutbox } from "./dead-letter-index.ts";
import { systemFiles } from "./files.ts";
import { listSegments, outboxDirectory, segmentName } from "./segments.ts";

/** Segments before the current one whose letters are all gone. */
export const emptiedSegments = (directory: string, end: Place, index: DeadLetterIndex): number[] => {
  const gone = index.goneBytes;
  return listSegments(directory).filter((segment) => {
    const bytes = gone.get(segment) ?? 0;
    return segment < end.segment && bytes > 0 && statSync(join(directory, segmentName(segment))).size === bytes;
  });
};

/** A data dir that is locked by this process and has no writer. */
export interface Untidy {
  readonly dataDir: string;
  readonly saved: { readonly ends: ReadonlyMap<string, Place>; readonly deadLetters: Changes["deadLetters"] };
  readonly database: { commit(changes: Changes): void };
}

/**
 * Removes the files whose dead letters are all gone, including the last one, and then their database rows. It can be
 * interrupted anywhere and run again. Returns whether it changed anything.
 */
export const tidyDeadLetters = ({ dataDir, saved, database }: Untidy): boolean => {
  const directory = outboxDirectory(dataDir, deadLetterOutbox);
  const index = new DeadLetterIndex(saved.deadLetters ?? []);
  const end = saved.ends.get(deadLetterOutbox);
  if (!end || !saved.deadLetters?.length) return false;
  const isEmptied = end.offset > 0 && index.goneBytes.get(end.segment) === end.offset;
  const newEnd = isEmptied ? { segment: end.segment + 1, offset: 0 } : end;
  if (isEmptied) {
    systemFiles.close(systemFiles.open(join(directory, segmentName(newEnd.segment))));
    systemFiles.syncDirectory(directory);
    database.commit({ ...noChanges, ends: [{ outbox: deadLetterOutbox, end: newEnd }] });
  }
  // Last, because a file without its rows would bring its letters back.
  for (const segment of emptiedSegments(directory, newEnd, index))
    systemFiles.remove(join(directory, segmentName(segment)));
  systemFiles.syncDirectory(directory);
  const left = new Set(listSegments(directory));
  const forgotten = [...index.goneBytes.keys()].filter((segment) => !left.has(segment));
  if (forgotten.length > 0)
    database.commit({ ...noChanges, deadLetters: forgotten.flatMap((segment) => index.forgetting(segment)) });
  return isEmptied || forgotten.length > 0;
};
