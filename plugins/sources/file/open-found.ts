import { type FileHandle, open } from "node:fs/promises";
import { type Found, keyOf } from "./find.ts";
import type { Report } from "./report.ts";

/** Opens the file that was found; `gone` when its path leads to another file by now, or nowhere. */
export const openFound = async (file: Found, report: Report): Promise<FileHandle | "gone" | "unreadable"> => {
  let handle: FileHandle | undefined;
  try {
    handle = await open(file.path, "r");
    const { dev, ino } = await handle.stat({ bigint: true });
    report.readable(file.path);
    if (`${dev}:${ino}` === keyOf(file)) return handle;
    await handle.close();
    return "gone";
  } catch (error) {
    await handle?.close();
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return "gone";
    report.unreadable(file.path, error);
    return "unreadable";
  }
};
