import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { checkRegular, makeDirectories } from "./path-template.ts";
import type { Rotation } from "./rotation.ts";
import { syncDirectory } from "./sync-directory.ts";

/** Which file was written, how long it was when its last bytes were synced, and when it was begun. */
export interface Place {
  readonly dev: string;
  readonly inode: string;
  readonly length: number;
  /** Milliseconds since 1970. */
  readonly started: number;
}

const newline = 10;

/** A file that grows by whole blocks of lines: a block is synced to disk, or nothing of it stays. */
export class AppendFile {
  readonly path: string;
  readonly #rotation: Rotation;
  readonly #base: string | undefined;
  #place: Place | undefined;
  #handle: FileHandle | undefined;

  /** Without `base` its path is the user's own word; with it, no symbolic link may lead out of that directory. */
  constructor(
    path: string,
    rotation: Rotation,
    { base, place }: { readonly base?: string | undefined; readonly place?: Place | undefined } = {},
  ) {
    this.path = resolve(path);
    this.#rotation = rotation;
    this.#base = base;
    this.#place = place;
  }

  /** What the last append said, or what was recorded of the file before. */
  get place(): Place | undefined {
    return this.#place;
  }

  /** Makes the file if need be; rejects if it cannot be written. */
  async open(): Promise<void> {
    await this.#current();
  }

  /** Appends `lines` in one write and syncs them. A rejection means that the file is as it was. */
  async append(lines: Uint8Array): Promise<Place> {
    const { handle, place } = await this.#ready(lines.length);
    const { length: before } = place;
    // Somebody else's last line may lack its end: ours must not become part of it.
    const merges = before > 0 && !(await endsLine(handle, before));
    const block = merges ? Buffer.concat([Buffer.of(newline), lines]) : lines;
    try {
      const { bytesWritten } = await handle.write(block, 0, block.length);
      if (bytesWritten < block.length)
        throw new Error(`only ${bytesWritten} of ${block.length} bytes fitted into "${this.path}": is the disk full?`);
      await handle.datasync();
    } catch (error) {
      await this.#cutBack(handle, before);
      throw error;
    }
    this.#place = { ...place, length: before + block.length };
    return this.#place;
  }

  /** The file to append to, after rotating it if it is time to. */
  async #ready(more: number): Promise<{ readonly handle: FileHandle; readonly place: Place }> {
    const handle = await this.#current();
    const place = await this.#placeOf(handle);
    if (!this.#rotation.isDue(place.length, place.started, more)) return { handle, place };
    await this.close();
    await this.#rotation.rotate(this.path);
    const fresh = await this.#current();
    return { handle: fresh, place: await this.#placeOf(fresh) };
  }

  async #placeOf(handle: FileHandle): Promise<Place> {
    const { size, dev, ino, birthtimeMs, mtimeMs } = await handle.stat({ bigint: true });
    const same = this.#place?.inode === String(ino) && this.#place.dev === String(dev);
    const started = same ? this.#place!.started : size === 0n ? this.#rotation.now() : Number(birthtimeMs || mtimeMs);
    return { dev: String(dev), inode: String(ino), length: Number(size), started };
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #cutBack(handle: FileHandle, length: number): Promise<void> {
    try {
      await handle.truncate(length);
    } finally {
      // What the descriptor would say after a failed write is unknown: the retry begins with a new one.
      await this.close();
    }
  }

  /** The open file, if the path still leads to it; else the file at the path now. */
  async #current(): Promise<FileHandle> {
    if (this.#handle && !(await leadsTo(this.path, this.#handle))) await this.close();
    this.#handle ??= await openAppend(this.path, this.#base);
    return this.#handle;
  }
}

/**
 * After a crash, cuts what follows the last newline beyond the recorded length: the torn end of a write that was not
 * recorded. It cuts nothing from another file, no whole line, and nothing before the recorded length.
 */
export const cutTail = async (path: string, recorded: Place | undefined): Promise<void> => {
  if (!recorded) return;
  await using handle = await open(resolve(path), "r+").catch(ifFile);
  if (!handle) return;
  const { size, dev, ino } = await handle.stat({ bigint: true });
  if (String(ino) !== recorded.inode || String(dev) !== recorded.dev || Number(size) <= recorded.length) return;
  const end = await lastLineEnd(handle, recorded.length, Number(size));
  if (end === Number(size)) return;
  await handle.truncate(end);
  await handle.datasync();
};

const openAppend = async (path: string, base: string | undefined): Promise<FileHandle> => {
  const { O_APPEND, O_CREAT, O_EXCL, O_RDWR, O_NOFOLLOW } = constants;
  await makeDirectories(path, base);
  // Before it is opened: opening a device may do something.
  await checkRegular(path);
  try {
    const handle = await open(path, O_RDWR | O_APPEND | O_CREAT | O_EXCL, 0o640);
    await syncDirectory(dirname(path));
    return handle;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    return open(path, O_RDWR | O_APPEND | (base === undefined ? 0 : O_NOFOLLOW));
  }
};

const leadsTo = async (path: string, handle: FileHandle): Promise<boolean> => {
  const there = await stat(path, { bigint: true }).catch(ifThere);
  const open = await handle.stat({ bigint: true });
  return there !== undefined && there.ino === open.ino && there.dev === open.dev;
};

const ifThere = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== "ENOENT") throw error;
};

const ifFile = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== "EISDIR") ifThere(error);
};

const endsLine = async (handle: FileHandle, size: number): Promise<boolean> =>
  (await lastLineEnd(handle, size - 1, size)) === size;

/** Offset just past the last newline in [from, to); `from` when there is none. */
const lastLineEnd = async (handle: FileHandle, from: number, to: number): Promise<number> => {
  const block = Buffer.alloc(Math.min(64 * 1024, to - from));
  for (let end = to; end > from; end -= block.length) {
    const start = Math.max(from, end - block.length);
    const { bytesRead } = await handle.read(block, 0, end - start, start);
    const at = block.subarray(0, bytesRead).lastIndexOf(newline);
    if (at >= 0) return start + at + 1;
  }
  return from;
};
