import type { FileHandle } from "node:fs/promises";
import { haveSameHead } from "../content/compare.ts";
import { FileHead } from "../content/file-head.ts";
import { headLength, readRange } from "../content/fingerprint.ts";
import type { FoundFile } from "../discovery/find-files.ts";
import { openFile } from "../discovery/open-file.ts";
import { gzipSuffix } from "../discovery/rotated-name.ts";
import { isRecognisable } from "./identity.ts";
import { inReadingOrder } from "./reading-queue.ts";
import { beginsAs, compareWith } from "./same-content.ts";
import type { Stream } from "./stream.ts";

/**
 * Which stream's content a file has:
 * - `own`: that of a stream without a file, which continues in this one;
 * - `copy`: that of a stream that is read from another file;
 * - `later`: that of a stream which may continue in this file once its own file is gone;
 * - `unclear`: it resembles a file of which too little has been read to tell;
 * - `none`: it is new.
 */
export type Match =
  | { readonly kind: "own" | "copy" | "later"; readonly stream: Stream }
  | { readonly kind: "unclear" | "none"; readonly stream?: undefined };

export interface Candidates {
  /** The streams without a file, which may continue in this one. */
  readonly free: ReadonlySet<Stream>;
  /** The other streams. Included files that are not compressed are not compared with them. */
  readonly taken: () => readonly Stream[];
}

export const matchFile = async (file: FoundFile, handle: FileHandle, { free, taken }: Candidates): Promise<Match> => {
  const streams = [...free, ...(mayBeDuplicate(file) ? taken() : [])];
  if (streams.length === 0) return { kind: "none" };
  const head = await FileHead.read(handle, file);
  const isComparable = (stream: Stream) =>
    isRecognisable(stream) || (free.has(stream) && isLikely(file, stream))
      ? head.mayBeginWith(stream.reader.fingerprints.head)
      : mayBeDuplicate(file);
  let weaker: Match | undefined;
  for (const stream of byLikelihood(file, streams.filter(isComparable))) {
    if (!isRecognisable(stream) && !(free.has(stream) && isLikely(file, stream))) {
      const isSimilar =
        (await resemblesOpenFile(file, handle, stream)) ||
        (!free.has(stream) && (await hasKnownHead(file, handle, stream)));
      if (isSimilar) weaker = { kind: "unclear" };
      continue;
    }
    const comparison = await compareWith(stream, file, handle);
    if (comparison === "same" && free.has(stream)) return { kind: "own", stream };
    if (comparison === "same" && mayBeDuplicate(file))
      weaker ??= { kind: file.compressed && stream.state === "open" ? "later" : "copy", stream };
    if (comparison === "broken") weaker ??= { kind: "later", stream };
    if (comparison === "prefix" && mayBeDuplicate(file)) weaker ??= { kind: "copy", stream };
  }
  return weaker ?? { kind: "none" };
};

/** Whether `file` is no longer than `original` and has the same head. This is all that can be said of two new files. */
export const mayBeCopy = async (file: FileHandle, original: FileHandle): Promise<boolean> => {
  const [{ size }, { size: limit }] = await Promise.all([file.stat(), original.stat()]);
  if (size > limit) return false;
  const head = await readRange(file, 0, headLength);
  return head.equals(await readRange(original, 0, head.length));
};

/** Only rotated and compressed files may duplicate another file. Included files are all read, even if they are equal. */
const mayBeDuplicate = ({ rotated, compressed }: FoundFile): boolean => rotated || compressed;

const resemblesOpenFile = async (file: FoundFile, handle: FileHandle, stream: Stream): Promise<boolean> =>
  !stream.compressed && mayBeDuplicate(file) && stream.reader.isActive && (await hasSameHead(file, handle, stream));

const hasSameHead = async (file: FoundFile, handle: FileHandle, stream: Stream): Promise<boolean> => {
  if (stream.handle) return haveSameHead(stream.handle, file, handle);
  const other = await openFile(stream.path, stream.key);
  if (other === "gone") return false;
  try {
    return await haveSameHead(other, file, handle);
  } finally {
    await other.close();
  }
};

/** The stream's file may have been truncated since, so only the fingerprint of its head can be compared. */
const hasKnownHead = async (file: FoundFile, handle: FileHandle, stream: Stream): Promise<boolean> =>
  mayBeDuplicate(file) && stream.logPath === file.logPath && beginsAs(stream, file, handle);

/**
 * Many files may have a short beginning in common. But a compressed file, or a copy beside a file that was truncated,
 * most likely belongs to the stream that lost its file.
 */
const isLikely = ({ compressed, rotated, logPath }: FoundFile, stream: Stream): boolean =>
  (compressed && stream.state !== "open") ||
  (stream.logPath === logPath && (compressed || (rotated && stream.displaced)));

/** A truncated log comes first, before a copy of it that has lost its file as well. */
const byLikelihood = ({ path }: FoundFile, streams: readonly Stream[]): readonly Stream[] => {
  const rank = (stream: Stream) => {
    if (stream.displaced && stream.state !== "copy") return 0;
    return stream.path + gzipSuffix === path ? 1 : 2;
  };
  return [...streams].sort((a, b) => rank(a) - rank(b) || inReadingOrder(a, b));
};
