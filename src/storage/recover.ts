import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Database, noChanges, type Place } from "./database.ts";
import { deadLetterOutbox } from "./dead-letter-index.ts";
import { decodeFrame } from "./frame.ts";
import { LastCommit } from "./last-commit.ts";
import { type LostEnd, outboxesOnDisk } from "./lost-end.ts";
import type { Saved } from "./reader.ts";
import { isBefore, listSegments, outboxDirectory, segmentName } from "./segments.ts";

/** What an outbox holds according to its segment files. */
export interface Recovered {
  readonly outbox: string;
  /** Where delivery continues. */
  readonly from: Place;
  readonly end: Place;
  /** Events that weir.db did not know. */
  readonly events: number;
  /** Bytes after the last intact event, which are removed. */
  readonly torn: number;
}

/**
 * Call it before weir.db is opened and gets its tables: makes the loss certain also for the next start, in case that this one
 * is interrupted.
 */
export const keepEvidence = (dataDir: string, { held, made }: LostEnd): void => {
  if (made > held) return;
  const file = new LastCommit(dataDir);
  file.record(held + 1);
  file.sync();
  file.close();
};

/**
 * Takes all intact frames of the segment files as committed, in one commit, and the older checkpoints and state as they are.
 * The next commit gets a number after `lost.made`.
 */
export const recoverOutboxes = (
  dataDir: string,
  database: Pick<Database, "commit">,
  saved: Pick<Saved, "ends" | "delivered">,
  { held, made }: LostEnd,
): Recovered[] => {
  const found = outboxesOnDisk(dataDir).map((outbox) => {
    const directory = outboxDirectory(dataDir, outbox);
    return recoverOutbox(outbox, directory, saved.ends.get(outbox), saved.delivered.get(outbox)?.place);
  });
  const delivered = found.flatMap(({ outbox, from }) => {
    if (outbox === deadLetterOutbox) return [];
    const before = saved.delivered.get(outbox);
    const isSame = before?.place.segment === from.segment && before.place.offset === from.offset;
    // A sink continues from its record only if it continues from the place that belongs to it.
    return [{ outbox, place: from, record: isSame ? before.record : undefined }];
  });
  database.commit({ ...noChanges, ends: found, delivered }, Math.max(held, made));
  return found;
};

const recoverOutbox = (
  outbox: string,
  directory: string,
  known: Place | undefined,
  delivered: Place | undefined,
): Recovered => {
  const segments = listSegments(directory);
  const bytesOf = (segment: number) => readFileSync(join(directory, segmentName(segment)));
  let end = known ?? { segment: segments[0]!, offset: 0 };
  let events = 0;
  let torn = 0;
  for (const segment of segments) {
    if (segment < end.segment) continue;
    const bytes = bytesOf(segment);
    const whole = intactFrames(bytes, segment === end.segment ? end.offset : 0);
    end = { segment, offset: whole.end };
    events += whole.count;
    torn = Math.max(0, bytes.length - whole.end);
  }
  return { outbox, from: startOf(segments, bytesOf, delivered, end), end, events, torn };
};

/** The first frame that may be undelivered: delivered segments are removed, and zeros have replaced delivered frames. */
const startOf = (
  segments: readonly number[],
  bytesOf: (segment: number) => Buffer,
  delivered: Place = { segment: 1, offset: 0 },
  end: Place,
): Place => {
  if (!isBefore(delivered, end)) return delivered;
  const segment = segments.find((one) => one >= delivered.segment) ?? delivered.segment;
  if (!segments.includes(segment)) return delivered;
  const bytes = bytesOf(segment).subarray(0, segment === end.segment ? end.offset : undefined);
  const offset = afterHole(bytes, segment === delivered.segment ? delivered.offset : 0);
  return isBefore({ segment, offset }, end) ? { segment, offset } : end;
};

/** Where the frames from `offset` on end, and how many of them are intact. Damage before the last intact frame is kept. */
const intactFrames = (bytes: Buffer, offset: number): { readonly end: number; readonly count: number } => {
  let [end, count] = [offset, 0];
  for (let at = afterHole(bytes, offset); at < bytes.length; ) {
    const frame = decodeFrame(bytes, at);
    if ("wanted" in frame) break;
    at += frame.size;
    if (frame.damaged) continue;
    end = at;
    count++;
  }
  return { end, count };
};

/** The first frame after the zeros at `offset`, if an intact one follows them; the length of a frame may start with zeros. */
const afterHole = (bytes: Buffer, offset: number): number => {
  let after = offset;
  while (after < bytes.length && bytes[after] === 0) after++;
  if (after === bytes.length) return after;
  for (let at = Math.max(offset, after - 3); at <= after; at++) {
    const frame = decodeFrame(bytes, at);
    if (!("wanted" in frame) && !frame.damaged) return at;
  }
  return offset;
};
