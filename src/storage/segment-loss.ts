import { statSync } from "node:fs";
import { join } from "node:path";
import { type Database, noChanges, type Place } from "./database.ts";
import { deadLetterOutbox } from "./dead-letter-index.ts";
import { systemFiles } from "./files.ts";
import { replaceMissingEnds } from "./missing-end.ts";
import type { Reader, Saved } from "./reader.ts";
import { missingSegments, outboxDirectory, type SegmentLoss, segmentName } from "./segments.ts";

const start: Place = { segment: 1, offset: 0 };

/**
 * Finds segment files that are missing or shorter than what was committed to them, and settles the loss, so that it is reported
 * once: zeros take the place of what is missing, which the reader then finds damaged, or an empty file if its length is not
 * known. Can be interrupted anywhere and run again.
 */
export const settleSegmentLoss = (
  dataDir: string,
  database: Pick<Database, "commit">,
  reader: Pick<Reader, "load">,
): SegmentLoss[] => {
  const lost = new Map<string, SegmentLoss>();
  const tell = (loss: SegmentLoss) => {
    const name = `${loss.segment}/${loss.outbox}`;
    if (!lost.has(name)) lost.set(name, loss);
  };
  for (const loss of replaceMissingEnds(dataDir, database, reader.load())) tell(loss);
  const saved = reader.load();
  for (const [outbox, end] of saved.ends) {
    const directory = outboxDirectory(dataDir, outbox);
    const delivered = saved.delivered.get(outbox)?.place ?? start;
    // Files of dead letters are removed in any order.
    const gone = outbox === deadLetterOutbox ? [] : missingSegments(directory, delivered, end);
    for (const segment of gone) {
      tell({ outbox, segment });
      systemFiles.close(systemFiles.open(join(directory, segmentName(segment))));
    }
    if (gone.length > 0) systemFiles.syncDirectory(directory);
    const lengths = new Map([...lengthsOf(saved, outbox, delivered), [end.segment, end.offset]]);
    for (const [segment, length] of lengths) {
      const size = extend(join(directory, segmentName(segment)), length);
      // A crash can leave a delivered segment empty, after its blocks were given back to the disk.
      const kept = segment === delivered.segment ? Math.max(size, delivered.offset) : size;
      if (kept < length) tell({ outbox, segment, cut: length - kept });
    }
    if (gone[0] === delivered.segment && !lengths.has(delivered.segment)) moveOn(database, saved, outbox);
  }
  return [...lost.values()];
};

/** The delivered place was in a file that is gone, and whose length is not known: delivery continues in the next one. */
const moveOn = (database: Pick<Database, "commit">, { delivered }: Saved, outbox: string): void => {
  const before = delivered.get(outbox);
  if (!before || before.place.offset === 0) return;
  const place = { segment: before.place.segment + 1, offset: 0 };
  database.commit({ ...noChanges, delivered: [{ outbox, place, record: before.record }] });
};

/** The committed lengths of the finished segments from `delivered` on. */
const lengthsOf = ({ lengths }: Saved, outbox: string, delivered: Place): [segment: number, length: number][] =>
  lengths
    .filter((one) => one.outbox === outbox && one.segment >= delivered.segment)
    .map(({ segment, length }) => [segment, length]);

/** Gives a file at least its length. Returns the size that it had. A file that is not there has been removed on purpose. */
const extend = (path: string, length: number): number => {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? length;
  if (size >= length) return size;
  const fd = systemFiles.open(path);
  systemFiles.truncate(fd, length);
  systemFiles.close(fd);
  return size;
};

/** For people. */
export const describeSegmentLoss = ({ outbox, segment, cut }: SegmentLoss): string =>
  cut === undefined
    ? `segment ${segment} of the outbox "${outbox}" is missing: what was in it and not delivered is lost`
    : `segment ${segment} of the outbox "${outbox}" lacks its last ${cut} bytes: what was in them and not delivered is lost`;
