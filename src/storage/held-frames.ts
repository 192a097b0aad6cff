import { closeSync, existsSync, fdatasyncSync, statSync } from "node:fs";
import { join } from "node:path";
import { isFullError } from "./commit-error.ts";
import { type Database, type HeldFrames, noChanges, type Place } from "./database.ts";
import { systemFiles } from "./files.ts";
import type { Reader } from "./reader.ts";
import { releaseReserve } from "./reserve.ts";
import { isBefore, outboxDirectory, type SegmentLoss, segmentName } from "./segments.ts";

/** A commit that appends more than this, in bytes, syncs the segments. */
export const mostAtOnce = 64 * 1024;
/** When weir.db would hold more than this of a segment, the segment is synced, in bytes. */
export const mostHeld = 256 * 1024;

/** After all frames of an outbox. */
const afterAll: Place = { segment: Number.MAX_SAFE_INTEGER, offset: 0 };

/**
 * Writes the frames that weir.db holds into their segments, which may lack them after a power failure, and syncs these. If
 * `isStale`, weir.db is not what was committed last: then its frames may be delivered, and are not written. Returns the segments
 * that lack other frames, too. Can be interrupted anywhere and run again.
 */
export const restoreHeldFrames = (
  dataDir: string,
  database: Pick<Database, "commit">,
  reader: Pick<Reader, "heldFrames" | "load">,
  isStale: boolean,
): SegmentLoss[] => {
  const held = reader.heldFrames();
  if (held.length === 0) return [];
  const { delivered } = reader.load();
  const undelivered = held.filter((frames) => !isDelivered(frames, delivered.get(frames.outbox)?.place));
  const pathOf = ({ outbox, segment }: HeldFrames) => join(outboxDirectory(dataDir, outbox), segmentName(segment));
  const outboxes = new Set(held.map(({ outbox }) => outbox));
  const lost: SegmentLoss[] = [];
  const settle = () => {
    for (const [path, frames] of Map.groupBy(undelivered, pathOf)) {
      const { outbox, segment } = frames[0]!;
      const cut = bytesMissing(path, frames[0]!, delivered.get(outbox)?.place);
      if (cut > 0) lost.push({ outbox, segment, cut });
      restore(path, isStale ? [] : frames);
    }
    database.commit({ ...noChanges, synced: [...outboxes].map((outbox) => ({ outbox, place: afterAll })) });
  };
  try {
    settle();
  } catch (error) {
    // Deliveries would free space, but they start only after this.
    if (!isFullError(error) || !releaseReserve(dataDir)) throw error;
    settle();
  }
  return lost;
};

/** How many bytes a segment lacks before its first held frame: they were synced, or delivered. */
const bytesMissing = (path: string, { segment, offset }: HeldFrames, delivered?: Place): number => {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? offset;
  return offset - Math.max(size, delivered?.segment === segment ? delivered.offset : 0);
};

const isDelivered = ({ segment, offset, bytes }: HeldFrames, place: Place = { segment: 1, offset: 0 }): boolean =>
  !isBefore(place, { segment, offset: offset + bytes.length });

/** Writes frames into a segment, and syncs all of it. */
const restore = (path: string, frames: readonly HeldFrames[]): void => {
  // Its name was synced when it was created: somebody has removed it, which is reported as a loss.
  if (!existsSync(path)) return;
  const fd = systemFiles.open(path);
  try {
    for (const { offset, bytes } of frames) systemFiles.write(fd, bytes, offset);
    fdatasyncSync(fd);
  } finally {
    closeSync(fd);
  }
};
