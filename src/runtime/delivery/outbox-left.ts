import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import type { Place } from "../../storage/database.ts";
import { headerBytes } from "../../storage/frame.ts";
import { isBefore, listSegments, segmentName } from "../../storage/segments.ts";

const longestHead = 64 * 1024;

/**
 * The ingestion time of the oldest event between two places of an outbox, in milliseconds since 1970; `undefined` if there
 * is no event or its frame cannot be read.
 */
export const oldestIngested = (directory: string, from: Place, end: Place): number | undefined => {
  for (const segment of listSegments(directory)) {
    const offset = segment === from.segment ? from.offset : 0;
    if (segment < from.segment || !isBefore({ segment, offset }, end)) continue;
    const head = headAt(join(directory, segmentName(segment)), offset);
    if (head !== "past the end") return head;
  }
  return undefined;
};

const headAt = (path: string, offset: number): number | undefined | "past the end" => {
  const block = Buffer.alloc(longestHead);
  const fd = openSync(path, "r");
  try {
    const length = readSync(fd, block, 0, block.length, offset);
    if (length === 0) return "past the end";
    const line = block.toString("utf8", headerBytes, length).split("\n", 1)[0] ?? "";
    return (JSON.parse(line) as { ingested?: number }).ingested;
  } catch {
    return undefined;
  } finally {
    closeSync(fd);
  }
};
