import type { Clock, Reading } from "weir";
import type { Catalogue } from "./catalogue.ts";
import type { Report } from "./report.ts";
import type { Stream } from "./stream.ts";

interface Turn {
  readonly stream: Stream;
  readonly catalogue: Catalogue;
  readonly block: Buffer;
  readonly clock: Clock;
  readonly report: Report;
}

/** A writer may hold a file for a while after it was renamed: a half line gets this long to be completed. */
const patience = 5_000;

/** A large block costs few calls, small readings let the host do something else in between. */
const sliceSize = 128 * 1024;

function* slices(reading: Reading): Generator<Reading> {
  const { bytes, position } = reading;
  for (let start = 0; start < bytes.length; start += sliceSize)
    yield { ...reading, position: position + start, bytes: bytes.subarray(start, start + sliceSize) };
}

/** Reads one block of the stream; a file that was cut goes on as a new stream. */
export async function* readNext({ stream, catalogue, block, clock, report }: Turn): AsyncGenerator<Reading> {
  let bytes: Uint8Array | "truncated";
  try {
    bytes = await stream.read(block, clock.now());
  } catch (error) {
    return await catalogue.fail(stream, error);
  }
  if (bytes !== "truncated") {
    if (bytes.length > 0) yield* slices(stream.reading(bytes));
    return;
  }
  report.cut(stream);
  catalogue.restart(stream);
  yield stream.reading(undefined, { end: true, forget: true });
}

/** Tells the end of a file that nobody writes to any more. */
export async function* endOf(turn: {
  readonly stream: Stream;
  readonly catalogue: Catalogue;
  readonly follow: boolean;
  readonly interval: number;
}): AsyncGenerator<Reading> {
  const { stream, catalogue, follow, interval } = turn;
  if (!isOver(stream, follow, interval)) return;
  await stream.close();
  stream.state = "ended";
  stream.look = "";
  const forget = stream.leaving === "deleted";
  if (forget) catalogue.remove(stream);
  yield stream.reading(undefined, { end: true, ...(forget && { forget }) });
}

const isOver = ({ quiet, leaving, terminated }: Stream, follow: boolean, interval: number): boolean => {
  if (!quiet) return false;
  if (!follow) return true;
  if (leaving === "no") return false;
  const wait = leaving === "rotated" && terminated ? interval : Math.max(interval, patience);
  return quiet.until - quiet.since >= wait;
};
