import type { FileHandle } from "node:fs/promises";

const newline = 10;

/** Offset just past the last newline in [from, to), or `from` if there is none. */
export const lastLineEnd = async (handle: FileHandle, from: number, to: number): Promise<number> => {
  const block = Buffer.alloc(Math.min(64 * 1024, to - from));
  for (let end = to; end > from; end -= block.length) {
    const start = Math.max(from, end - block.length);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    const at = block.subarray(0, bytesRead).lastIndexOf(newline);
    if (at >= 0) return start + at + 1;
  }
  return from;
};

/** The lines as they must follow the first `at` bytes of the file: never in an incomplete line of another program. */
export const blockAt = async (handle: FileHandle, at: number, lines: Uint8Array): Promise<Uint8Array> => {
  const isOnLine = at > 0 && (await lastLineEnd(handle, at - 1, at)) < at;
  return isOnLine ? Buffer.concat([Buffer.of(newline), lines]) : lines;
};

/** How many bytes of `block` are in the file from `at` on; `undefined` if [at, size) and `block` differ where both have bytes. */
export const partWritten = async (
  handle: FileHandle,
  at: number,
  size: number,
  block: Uint8Array,
): Promise<number | undefined> => {
  const part = Buffer.alloc(Math.min(size - at, block.length));
  const { bytesRead } = await handle.read(part, 0, part.length, at);
  return part.subarray(0, bytesRead).equals(block.subarray(0, part.length)) ? part.length : undefined;
};
