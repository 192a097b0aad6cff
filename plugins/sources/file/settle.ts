import type { Clock, Reading } from "weir";
import { keyOf } from "./find.ts";
import type { Look } from "./look.ts";
import type { Report } from "./report.ts";
import type { Stream } from "./stream.ts";
import type { Streams } from "./streams.ts";

/** How long a closed file has to be missing before its checkpoint is dropped: a volume may be mounted again. */
export const forgetAfter = 60_000;

/** The stream is gone: no checkpoint of it is kept. */
export const forget = (stream: Stream): Reading => stream.reading(undefined, { end: true, forget: true });

interface Settling {
  readonly streams: Streams;
  readonly look: Look;
  readonly clock: Clock;
  readonly report: Report;
}

/** After every file was looked at: what became of the streams that have none, or lost their path. */
export async function* settle(settling: Settling): AsyncGenerator<Reading> {
  const { streams, look } = settling;
  yield* dropDisplaced(settling);
  const current = look.found.filter(({ rotated }) => !rotated).map((file) => [file.path, keyOf(file)] as const);
  const keys = new Map(current);
  for (const stream of streams.all) {
    const missing = !look.present.has(stream.key);
    if (missing || stream.leaving !== "no") stream.drained = false;
    if (stream.handle) await stream.watchLeaving(keys.get(stream.family));
    else if (missing) yield* miss(stream, settling);
  }
}

/** Streams whose inode holds other bytes now, and whose own bytes are nowhere else. */
function* dropDisplaced({ streams, report }: Settling): Generator<Reading> {
  for (const stream of [...streams.displaced]) {
    streams.remove(stream);
    if (stream.cut) report.cut(stream);
    else if (stream.state === "open") report.replaced(stream);
    yield forget(stream);
  }
}

function* miss(stream: Stream, { streams, clock, report }: Settling): Generator<Reading> {
  const now = clock.now();
  stream.missingSince ??= now;
  if (now - stream.missingSince < forgetAfter) return;
  if (stream.state === "open") report.lost(stream);
  yield forget(stream);
  streams.remove(stream);
}
