import type { FileHandle } from "node:fs/promises";
import { type ContentMatch, compareContent, compareGzip, gzipClaimsLength, gzipHasHead } from "../content/compare.ts";
import { hasFingerprint, tailLength } from "../content/fingerprint.ts";
import type { FoundFile } from "../discovery/find-files.ts";
import type { Stream } from "./stream.ts";

/** How the open file compares with what was read of a stream. */
export const compareWith = async (
  { reader, state, position }: Stream,
  { compressed }: FoundFile,
  handle: FileHandle,
): Promise<ContentMatch> => {
  const { fingerprints } = reader;
  if (!compressed) return compareContent(handle, fingerprints);
  // Archives are many and large: one that was read to its end is recognised without decompressing it.
  if (state !== "open" && (await gzipClaimsLength(handle, position)))
    return (await gzipHasHead(handle, fingerprints.head)) ? "same" : "different";
  return compareGzip(handle, fingerprints);
};

/** Whether the file with a stream's inode still has the stream's content. */
export const isStillIn = async (stream: Stream, file: FoundFile, handle: FileHandle): Promise<boolean> => {
  if (stream.state === "copy" || (file.compressed && stream.state !== "open")) return hasHead(stream, file, handle);
  return (await compareWith(stream, file, handle)) === "same";
};

/** Whether the file begins with the head of a stream, and enough of the head is known to tell. */
export const beginsAs = async (stream: Stream, file: FoundFile, handle: FileHandle): Promise<boolean> =>
  stream.reader.fingerprints.head.length >= tailLength && hasHead(stream, file, handle);

const hasHead = ({ reader }: Stream, { compressed }: FoundFile, handle: FileHandle): Promise<boolean> =>
  (compressed ? gzipHasHead : hasFingerprint)(handle, reader.fingerprints.head);
