import { type FileHandle, open } from "node:fs/promises";
import { type Found, keyOf } from "./find.ts";
import type { Report } from "./report.ts";

/** Opens the file that was found; `undefined` when it cannot be read, or its path leads to another file by now. */
export const openFound = async (file: Found, report: Report): Promise<FileHandle | undefined> => {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file.path, "r");
    const { dev, ino } = await handle.stat({ bigint: true });
    report.readable(file.path);
    if (`${dev}:${ino}` === keyOf(file)) return handle;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") report.unreadable(file.path, error);
  }
  await handle?.close();
  return undefined;
};
