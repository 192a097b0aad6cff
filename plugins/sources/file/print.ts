import { hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** How many bytes at a file's start, and before the place read to, tell it from other files. */
export const headLength = 1024;
export const tailLength = 64;

/** A digest of some bytes of a file: the bytes themselves stay out of the checkpoint. */
export interface Print {
  /** Offset just past the last byte. */
  readonly end: number;
  readonly length: number;
  readonly hash: string;
}

/** The print of bytes that end at offset `end`. */
export const printOf = (bytes: Uint8Array, end: number): Print => ({
  end,
  length: bytes.length,
  hash: hash("sha256", bytes, "base64url").slice(0, 22),
});

/** The file's bytes from `from` to `to`; fewer when it ends before. */
export const readRange = async (handle: FileHandle, from: number, to: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(to - from);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
};

/** Whether the file has the bytes that the print was made of, where they were. */
export const hasPrint = async (handle: FileHandle, { end, length, hash }: Print): Promise<boolean> =>
  printOf(await readRange(handle, end - length, end), end).hash === hash;

/** Offset of the last line's start among the first `size` bytes: just after the last newline, or 0. */
export const lastLineStart = async (handle: FileHandle, size: number): Promise<number> => {
  const step = 64 * 1024;
  for (let to = size; to > 0; to -= step) {
    const from = Math.max(0, to - step);
    const newline = (await readRange(handle, from, to)).lastIndexOf(10);
    if (newline >= 0) return from + newline + 1;
  }
  return 0;
};
