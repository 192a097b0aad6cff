import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { fileKey } from "./find-files.ts";

/** A path that has become a link or a FIFO since it was examined is neither followed nor waited for. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Opens a file for reading. Returns `gone` if the path no longer exists or leads to a file with another `key` (see
 * `fileKey`); rejects if it cannot be opened.
 */
export const openFile = async (path: string, key: string): Promise<FileHandle | "gone"> => {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, flags);
    const { dev, ino } = await handle.stat({ bigint: true });
    if (fileKey({ device: String(dev), inode: String(ino) }) === key) return handle;
    await handle.close();
    return "gone";
  } catch (error) {
    await handle?.close();
    if (["ENOENT", "ELOOP", "ENXIO"].includes((error as NodeJS.ErrnoException).code ?? "")) return "gone";
    throw error;
  }
};
