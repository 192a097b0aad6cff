import type { FileHandle } from "node:fs/promises";
import { readRange } from "../content/fingerprint.ts";

/** Where the last line begins among the first `size` bytes: just after the last newline, or at 0. */
export const lastLineStart = async (handle: FileHandle, size: number): Promise<number> => {
  const step = 64 * 1024;
  for (let to = size; to > 0; to -= step) {
    const from = Math.max(0, to - step);
    const newline = (await readRange(handle, from, to)).lastIndexOf(10);
    if (newline >= 0) return from + newline + 1;
  }
  return 0;
};
