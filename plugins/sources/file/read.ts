import type { Clock, Reading } from "weir";
import type { Catalogue } from "./catalogue.ts";
import type { ReadAhead } from "./read-ahead.ts";
import type { Report } from "./report.ts";
import type { Stream } from "./stream.ts";

interface Turn {
  readonly stream: Stream;
  readonly catalogue: Catalogue;
  readonly blocks: ReadAhead;
  readonly clock: Clock;
}

/** A writer may hold a file for a while after it was renamed: a half line gets this long to be completed. */
const patience = 5_000;

/** A compressed file that ends too early gets this long to be completed. */
const truncatedPatience = 60_000;

/** A large block costs few calls, small readings let the host do something else in between. */
const sliceSize = 256 * 1024;

function* slices(reading: Reading): Generator<Reading> {
  const { bytes, position } = reading;
  for (let start = 0; start < bytes.length; start += sliceSize)
    yield { ...reading, position: position + start, bytes: bytes.subarray(start, start + sliceSize) };
}

/** Reads one block of the stream. A file that was cut has to be looked for first. */
export async function* readNext({ stream, catalogue, blocks, clock }: Turn): AsyncGenerator<Reading> {
  let bytes: Uint8Array | "truncated";
  try {
    bytes = await stream.read(blocks, clock.now());
  } catch (error) {
    return await catalogue.fail(stream, error);
  }
  if (bytes === "truncated") return await catalogue.displace(stream);
  if (bytes.length > 0) yield* slices(stream.reading(bytes));
}

/** Tells the end of a file that nobody writes to any more. */
export async function* endOf(turn: {
  readonly stream: Stream;
  readonly catalogue: Catalogue;
  readonly follow: boolean;
  readonly interval: number;
  readonly now: number;
  readonly report: Report;
}): AsyncGenerator<Reading> {
  const { stream, catalogue, follow, interval, now, report } = turn;
  if (!(stream.compressed ? isGzipOver(stream, follow, now) : isOver(stream, follow, interval))) return;
  if (stream.gzipEnd === "cut" || stream.gzipEnd === "broken") report.broken(stream.path, stream.position);
  await stream.close();
  stream.state = "ended";
  // A deleted file may have been compressed before: its checkpoint is kept until that is known.
  catalogue.ended();
  if (stream.leaving !== "deleted") stream.look = "";
  yield stream.reading(undefined, { end: true });
}

/** A compressed file is whole, or never will be. */
const isGzipOver = ({ gzipEnd, quiet }: Stream, follow: boolean, now: number): boolean => {
  if (gzipEnd !== "cut" || !follow) return gzipEnd !== undefined;
  return quiet !== undefined && now - quiet.since >= truncatedPatience;
};

const isOver = ({ quiet, leaving, terminated }: Stream, follow: boolean, interval: number): boolean => {
  if (!quiet) return false;
  if (!follow) return true;
  if (leaving === "no") return false;
  const wait = leaving === "rotated" && terminated ? interval : Math.max(interval, patience);
  return quiet.until - quiet.since >= wait;
};
