import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Database, noChanges, type Place } from "./database.ts";
import { systemFiles } from "./files.ts";
import type { Saved } from "./reader.ts";
import { isBefore, outboxDirectory, type SegmentLoss, segmentName } from "./segments.ts";

/**
 * Moves the end of each outbox whose last segment is missing to a new, empty segment. The missing one is then skipped like any
 * other. Can be interrupted anywhere and run again.
 */
export const replaceMissingEnds = (
  dataDir: string,
  database: Pick<Database, "commit">,
  { ends, delivered }: Pick<Saved, "ends" | "delivered">,
): SegmentLoss[] => {
  const missing = [...ends].filter(
    ([outbox, { segment }]) => !existsSync(join(outboxDirectory(dataDir, outbox), segmentName(segment))),
  );
  const moved: { readonly outbox: string; readonly end: Place }[] = [];
  for (const [outbox, end] of missing) {
    const directory = outboxDirectory(dataDir, outbox);
    const next = end.offset === 0 ? end : { segment: end.segment + 1, offset: 0 };
    systemFiles.makeDirectory(directory);
    systemFiles.close(systemFiles.open(join(directory, segmentName(next.segment))));
    systemFiles.syncDirectory(directory);
    if (next !== end) moved.push({ outbox, end: next });
  }
  if (moved.length === 0) return [];
  systemFiles.syncDirectory(join(dataDir, "outboxes"));
  // What was delivered to the end stays delivered.
  const done = moved.flatMap(({ outbox, end }) => {
    const before = delivered.get(outbox);
    return before && !isBefore(before.place, ends.get(outbox)!) ? [{ outbox, place: end, record: before.record }] : [];
  });
  database.commit({ ...noChanges, ends: moved, delivered: done });
  const isDone = new Set(done.map(({ outbox }) => outbox));
  return moved
    .filter(({ outbox }) => !isDone.has(outbox))
    .map(({ outbox }) => ({ outbox, segment: ends.get(outbox)!.segment }));
};
