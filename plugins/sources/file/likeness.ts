import type { FileHandle } from "node:fs/promises";
import { claimedLength, GzipReader } from "./gzip-reader.ts";
import { hasPrint, headLength, type Print, printOf, readRange } from "./print.ts";

/**
 * How a file compares with what was read of a stream: it has those bytes in their places, or it ends within them, or
 * it is a compressed file that is cut or broken within them, or it has others.
 */
export type Likeness = "same" | "start" | "cut" | "other";

/** What is known of a stream's bytes: of the first ones, and of those just before the place read to. */
export interface Prints {
  readonly head: Print;
  readonly tail: Print;
}

export const compare = async (handle: FileHandle, { head, tail }: Prints): Promise<Likeness> => {
  const { size } = await handle.stat();
  if (size < head.end || !(await hasPrint(handle, head))) return "other";
  if (size < tail.end) return "start";
  return (await hasPrint(handle, tail)) ? "same" : "other";
};

/** The same for the content of a gzip file, which is decompressed as far as need be. */
export const compareGzip = async (handle: FileHandle, { head, tail }: Prints): Promise<Likeness> => {
  const reader = new GzipReader(handle);
  const start = await reader.skipTo(head.end);
  if (reader.position < head.end) return (await reader.next()) === "end" ? "other" : "cut";
  if (printOf(start.head, head.end).hash !== head.hash) return "other";
  if (tail.end <= head.end) return "same";
  const rest = await reader.skipTo(tail.end);
  if (reader.position < tail.end) return (await reader.next()) === "end" ? "start" : "cut";
  const last = Buffer.concat([start.tail, rest.tail]).subarray(-tail.length);
  return printOf(last, tail.end).hash === tail.hash ? "same" : "other";
};

/** Whether two files begin alike, or are alike if they are short; `other` may be compressed, and not whole yet. */
export const beginAlike = async (
  one: FileHandle,
  { compressed }: { readonly compressed: boolean },
  other: FileHandle,
): Promise<boolean> => {
  const head = await readRange(one, 0, headLength);
  if (!compressed) return head.equals(await readRange(other, 0, headLength));
  const reader = new GzipReader(other);
  const found = await reader.skipTo(headLength);
  return head.equals(found.head) || (found.head.length < headLength && (await reader.next()) === "cut");
};

/** Whether a gzip file holds these first bytes. */
export const beginsLike = async (handle: FileHandle, head: Print): Promise<boolean> => {
  const start = await new GzipReader(handle).skipTo(head.end);
  return printOf(start.head, head.end).hash === head.hash;
};

/** Whether a gzip file says that its content is so long; enough to know a file again that was read to its end. */
export const claimsLength = async (handle: FileHandle, length: number): Promise<boolean> =>
  (await claimedLength(handle)) === length % 2 ** 32;
