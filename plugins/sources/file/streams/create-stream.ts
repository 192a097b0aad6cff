import type { FileHandle } from "node:fs/promises";
import type { Reading } from "weir";
import type { FoundFile } from "../discovery/find-files.ts";
import { lastLineStart } from "./last-line.ts";
import type { ScanContext } from "./scan-context.ts";
import { Stream } from "./stream.ts";
import type { StreamState } from "./stream-detail.ts";

export type NewState = Exclude<StreamState, "ended">;

/** Creates a stream, and returns what its checkpoint must record before anything of it is read. */
export const createStream = async (
  { streams, isFirst, readFrom, ignored }: ScanContext,
  file: FoundFile,
  handle: FileHandle,
  state: NewState,
  original?: Stream,
): Promise<readonly Reading[]> => {
  const stream = Stream.of(file, streams.latestTimestamp(file.logPath));
  const { size } = await handle.stat();
  const fromEnd = isFirst && readFrom === "end";
  if (state !== "open" && file.compressed) await stream.reader.restoreFromGzip(handle);
  else {
    const position = state !== "open" ? size : fromEnd ? await lastLineStart(handle, size) : 0;
    await stream.reader.open(handle, stream, position);
    await stream.reader.learnHead(stream);
  }
  streams.add(stream);
  if (state === "open") return isFirst ? [stream.reading()] : [];
  stream.reader.release();
  stream.state = state;
  stream.original = original?.original ?? original?.id;
  if (state === "ignored") ignored.add(file.path);
  return [stream.reading(undefined, { end: true })];
};
