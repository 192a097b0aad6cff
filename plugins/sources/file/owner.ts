import type { FileHandle } from "node:fs/promises";
import { byAge } from "./by-age.ts";
import type { Found } from "./find.ts";
import { beginAlike } from "./likeness.ts";
import { headLength, readRange } from "./print.ts";
import { gzip } from "./rotated-name.ts";
import type { Stream } from "./stream.ts";

/**
 * Whose bytes a file holds: a stream's `own`, which go on in it; a stream's, which is read elsewhere, so that it is a
 * `copy`; a stream's that may go on in it `later`, when its own file turns out to be gone; or nobody's. It is
 * `unclear` when it looks like a file of which nearly nothing was read.
 */
export type Ownership =
  | { readonly as: "own" | "copy" | "later"; readonly stream: Stream }
  | { readonly as: "unclear" | "nobody"; readonly stream?: undefined };

/** `free` are the streams that may go on in the file, for they have none; `held` the others. */
export const findOwner = async (
  file: Found,
  handle: FileHandle,
  free: ReadonlySet<Stream>,
  held: readonly Stream[],
): Promise<Ownership> => {
  let partly: Ownership | undefined;
  for (const stream of likelyFirst(file, [...free, ...held])) {
    if (!stream.recognisable && !(free.has(stream) && isLikely(file, stream))) {
      const isAlike =
        (await looksLike(file, handle, stream)) || (!free.has(stream) && (await mayHold(file, handle, stream)));
      if (isAlike) partly = { as: "unclear" };
      continue;
    }
    const likeness = await stream.compare(file, handle);
    if (likeness === "same" && free.has(stream)) return { as: "own", stream };
    if (likeness === "same" && isSecond(file))
      partly ??= { as: file.compressed && stream.state === "open" ? "later" : "copy", stream };
    if (likeness === "cut") partly ??= { as: "later", stream };
    if (likeness === "start" && isSecond(file)) partly ??= { as: "copy", stream };
  }
  return partly ?? { as: "nobody" };
};

/** Whether a file has what another begins with, and no more than that; nothing else is known of the two. */
export const mayBeCopy = async (file: FileHandle, original: FileHandle): Promise<boolean> => {
  const [{ size }, { size: most }] = await Promise.all([file.stat(), original.stat()]);
  if (size > most) return false;
  const head = await readRange(file, 0, headLength);
  return head.equals(await readRange(original, 0, head.length));
};

/** What has the bytes of a file and was put beside it. Files that are included are each read, alike or not. */
const isSecond = ({ rotated, compressed }: Found): boolean => rotated || compressed;

const looksLike = async (file: Found, handle: FileHandle, stream: Stream): Promise<boolean> =>
  stream.handle !== undefined && !stream.compressed && isSecond(file) && beginAlike(stream.handle, file, handle);

/** The stream's own file may have been cut since, so that only what was known of it before tells. */
const mayHold = async (file: Found, handle: FileHandle, stream: Stream): Promise<boolean> =>
  isSecond(file) && stream.family === file.family && stream.beginsAs(file, handle);

/**
 * A short beginning may be common to many files, but a compressed file, or a copy beside a file that was cut, is most
 * likely of the one that is missed.
 */
const isLikely = ({ compressed, rotated, family }: Found, stream: Stream): boolean =>
  (compressed && stream.state !== "open") ||
  (stream.family === family && (compressed || (rotated && stream.displaced)));

/** What was cut is asked first: a copy that lost its own file as well has nothing to say beside it. */
const likelyFirst = ({ path }: Found, streams: readonly Stream[]): readonly Stream[] => {
  const rank = ({ displaced, state, path: own }: Stream) =>
    displaced && state !== "copy" ? 0 : own + gzip === path ? 1 : 2;
  return [...streams].sort((a, b) => rank(a) - rank(b) || byAge(a, b));
};
