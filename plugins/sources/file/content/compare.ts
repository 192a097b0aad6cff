import type { FileHandle } from "node:fs/promises";
import {
  type Fingerprint,
  type Fingerprints,
  fingerprintOf,
  hasFingerprint,
  headLength,
  readRange,
} from "./fingerprint.ts";
import { claimedLength, GzipReader } from "./gzip-reader.ts";

/**
 * How a file's content compares with what was read of a stream:
 * - `same`: it contains those bytes at the same offsets;
 * - `prefix`: it has the same head but ends before the position read to;
 * - `broken`: it is a gzip file that is truncated or corrupt before that position;
 * - `different`: it contains other bytes.
 */
export type ContentMatch = "same" | "prefix" | "broken" | "different";

export const compareContent = async (handle: FileHandle, { head, tail }: Fingerprints): Promise<ContentMatch> => {
  const { size } = await handle.stat();
  if (size < head.end || !(await hasFingerprint(handle, head))) return "different";
  if (size < tail.end) return "prefix";
  return (await hasFingerprint(handle, tail)) ? "same" : "different";
};

/** The same for the content of a gzip file, which is decompressed only as far as needed. */
export const compareGzip = async (handle: FileHandle, { head, tail }: Fingerprints): Promise<ContentMatch> => {
  const reader = new GzipReader(handle);
  const start = await reader.skipTo(head.end);
  if (reader.position < head.end) return (await reader.next()) === "complete" ? "different" : "broken";
  if (fingerprintOf(start.head, head.end).hash !== head.hash) return "different";
  if (tail.end <= head.end) return "same";
  const rest = await reader.skipTo(tail.end);
  if (reader.position < tail.end) return (await reader.next()) === "complete" ? "prefix" : "broken";
  const last = Buffer.concat([start.tail, rest.tail]).subarray(-tail.length);
  return fingerprintOf(last, tail.end).hash === tail.hash ? "same" : "different";
};

/** Whether a gzip file that was opened at the position read to has the bytes that were known of it. */
export const agree = (known: Fingerprints, { head, tail }: Fingerprints): boolean =>
  head.hash === known.head.hash && (tail.hash === known.tail.hash || known.tail.length === 0);

/** Whether two files have the same head. `other` may be compressed, and may still be incomplete. */
export const haveSameHead = async (
  one: FileHandle,
  { compressed }: { readonly compressed: boolean },
  other: FileHandle,
): Promise<boolean> => {
  const head = await readRange(one, 0, headLength);
  if (!compressed) return head.equals(await readRange(other, 0, headLength));
  const reader = new GzipReader(other);
  const found = await reader.skipTo(headLength);
  return head.equals(found.head) || (found.head.length < headLength && (await reader.next()) === "truncated");
};

/** Whether the content of a gzip file begins with the fingerprinted bytes. */
export const gzipHasHead = async (handle: FileHandle, head: Fingerprint): Promise<boolean> => {
  const start = await new GzipReader(handle).skipTo(head.end);
  return fingerprintOf(start.head, head.end).hash === head.hash;
};

/** Whether the trailer of a gzip file says that its content has this length: enough to recognise a file read to its end. */
export const gzipClaimsLength = async (handle: FileHandle, length: number): Promise<boolean> =>
  (await claimedLength(handle)) === length % 2 ** 32;
