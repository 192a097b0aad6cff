import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "./database.ts";
import type { Files } from "./files.ts";

export const segmentName = (segment: number): string => `${String(segment).padStart(10, "0")}.segment`;

/** Directory of the segment files of an outbox. */
export const outboxDirectory = (dataDir: string, outbox: string): string =>
  join(dataDir, "outboxes", encodeURIComponent(outbox));

/** Numbers of the segment files in `directory`, ascending; empty when the directory does not exist. */
export const listSegments = (directory: string): number[] => {
  let names: string[];
  try {
    names = readdirSync(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return names
    .filter((name) => /^\d{10}\.segment$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .sort((a, b) => a - b);
};

/**
 * Removes all segment files of an outbox that is forgotten. Call it before its rows are deleted: files without rows would look
 * like lost commits. If the process ends in between, the next start reports the files as missing.
 */
export const removeSegments = (files: Pick<Files, "remove">, directory: string): void => {
  for (const segment of listSegments(directory)) files.remove(join(directory, segmentName(segment)));
};

/** Number of bytes between two places of an outbox. */
export const bytesBetween = (directory: string, from: Place, to: Place): number => {
  let bytes = to.offset - from.offset;
  if (from.segment === to.segment) return bytes;
  for (const segment of listSegments(directory))
    if (segment >= from.segment && segment < to.segment) bytes += statSync(join(directory, segmentName(segment))).size;
  return bytes;
};

/** Missing segments from the first place up to, but not including, the segment of the second. */
export const missingSegments = (directory: string, from: Place, to: Place): number[] => {
  const found = new Set(listSegments(directory));
  return Array.from({ length: Math.max(0, to.segment - from.segment) }, (_, index) => from.segment + index).filter(
    (segment) => !found.has(segment),
  );
};

export const isBefore = (a: Place, b: Place): boolean =>
  a.segment < b.segment || (a.segment === b.segment && a.offset < b.offset);

/** A segment file that somebody removed, or cut: then with the number of bytes that are missing. */
export interface SegmentLoss {
  readonly outbox: string;
  readonly segment: number;
  readonly cut?: number;
}
