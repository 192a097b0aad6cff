import { type BigIntStats, constants, type Dirent } from "node:fs";
import { type FileHandle, lstat, open, readdir, stat } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { checkRegular, makeDirectories } from "./path-template.ts";
import { syncDirectory } from "./sync-directory.ts";

const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDWR } = constants;

/** What identifies a file, whatever its name. */
export interface FileIdentity {
  readonly dev: string;
  readonly inode: string;
}

/** Opens a regular file to append to; creates it, and its directories, if it does not exist. */
export const openAppend = async (path: string, base: string | undefined): Promise<FileHandle> => {
  await makeDirectories(path, base);
  // This check comes before opening, because opening a device may have side effects.
  await checkRegular(path);
  try {
    const handle = await open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0o640);
    await syncDirectory(dirname(path));
    return handle;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return open(path, O_RDWR | O_APPEND | O_NONBLOCK | (base === undefined ? 0 : O_NOFOLLOW));
  }
};

export const isSame = (a: FileIdentity | undefined, b: FileIdentity): boolean =>
  a?.inode === b.inode && a.dev === b.dev;

/** What is at `path` now; `undefined` if nothing is. */
export const statsAt = (path: string): Promise<BigIntStats | undefined> =>
  stat(path, { bigint: true }).catch(ignoreMissing);

export const identityOf = ({ dev, ino }: BigIntStats): FileIdentity => ({ dev: String(dev), inode: String(ino) });

/**
 * Opens a file by its identity: at `path`, or where another program, such as logrotate, has moved it in the same directory
 * under a longer name. `undefined` if it is not there any more.
 */
export const openSame = async (path: string, identity: FileIdentity): Promise<FileHandle | undefined> => {
  const directory = dirname(path);
  const stem = basename(path, extname(path));
  const entries = await readdir(directory, { withFileTypes: true }).catch((): Dirent[] => []);
  const moved = entries.filter((entry) => entry.isFile() && entry.name.startsWith(stem)).map(({ name }) => name);
  for (const candidate of [path, ...moved.map((name) => join(directory, name))]) {
    // Looked at before it is opened: it can be a device by now.
    if (!isSame(identity, await identityAt(candidate))) continue;
    const handle = await open(candidate, O_RDWR | O_APPEND | O_NONBLOCK);
    if (isSame(identity, identityOf(await handle.stat({ bigint: true })))) return handle;
    await handle.close();
  }
  return undefined;
};

const nowhere: FileIdentity = { dev: "", inode: "" };

const identityAt = async (path: string): Promise<FileIdentity> => {
  const found = await lstat(path, { bigint: true }).catch(() => undefined);
  const target = found?.isSymbolicLink() ? await stat(path, { bigint: true }).catch(() => undefined) : found;
  return target?.isFile() ? identityOf(target) : nowhere;
};

const ignoreMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== "ENOENT") throw error;
};
