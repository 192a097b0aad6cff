import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { checkRegular, makeDirectories } from "./path-template.ts";
import type { Rotation } from "./rotation.ts";
import { syncDirectory } from "./sync-directory.ts";

/** A file that was written, as recorded with the commit. */
export interface FileRecord {
  readonly dev: string;
  readonly inode: string;
  /** Length after the last sync. */
  readonly length: number;
  /** When the file was created; milliseconds since 1970. */
  readonly started: number;
}

const newline = 10;

/** A file to which whole blocks of lines are appended: a block is either synced to disk or removed again. */
export class AppendFile {
  readonly path: string;
  readonly #rotation: Rotation;
  readonly #base: string | undefined;
  #record: FileRecord | undefined;
  #handle: FileHandle | undefined;

  /** With `base`, no symbolic link may lead out of that directory. Without it, `path` is taken as configured. */
  constructor(
    path: string,
    rotation: Rotation,
    { base, record }: { readonly base?: string | undefined; readonly record?: FileRecord | undefined } = {},
  ) {
    this.path = resolve(path);
    this.#rotation = rotation;
    this.#base = base;
    this.#record = record;
  }

  /** The record after the last append, or the one from before the start. */
  get record(): FileRecord | undefined {
    return this.#record;
  }

  /** Creates the file if it does not exist. Rejects if it cannot be written. */
  async open(): Promise<void> {
    await this.#current();
  }

  /** Appends `lines` in one write and syncs them. If this rejects, the file is unchanged. */
  async append(lines: Uint8Array): Promise<FileRecord> {
    const { handle, record } = await this.#prepare(lines.length);
    const { length: before } = record;
    // Another program may have left an incomplete last line, which the new lines must not join.
    const needsNewline = before > 0 && !(await endsLine(handle, before));
    const block = needsNewline ? Buffer.concat([Buffer.of(newline), lines]) : lines;
    try {
      const { bytesWritten } = await handle.write(block, 0, block.length);
      if (bytesWritten < block.length)
        throw new Error(`wrote only ${bytesWritten} of ${block.length} bytes to "${this.path}". Is the disk full?`);
      await handle.datasync();
    } catch (error) {
      await this.#undo(handle, before);
      throw error;
    }
    this.#record = { ...record, length: before + block.length };
    return this.#record;
  }

  /** Opens the file to append to, and rotates it first if that is due. */
  async #prepare(more: number): Promise<{ readonly handle: FileHandle; readonly record: FileRecord }> {
    const handle = await this.#current();
    const record = await this.#recordOf(handle);
    if (!this.#rotation.isDue(record.length, record.started, more)) return { handle, record };
    await this.close();
    await this.#rotation.rotate(this.path);
    const fresh = await this.#current();
    return { handle: fresh, record: await this.#recordOf(fresh) };
  }

  async #recordOf(handle: FileHandle): Promise<FileRecord> {
    const { size, dev, ino, birthtimeMs, mtimeMs } = await handle.stat({ bigint: true });
    const same = this.#record?.inode === String(ino) && this.#record.dev === String(dev);
    const now = this.#rotation.now();
    const started = same ? this.#record!.started : size === 0n ? now : Number(birthtimeMs || mtimeMs);
    // A file cannot be younger than now: the clock was ahead when it was created, and its age is counted from now on.
    return { dev: String(dev), inode: String(ino), length: Number(size), started: Math.min(started, now) };
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }

  async #undo(handle: FileHandle, length: number): Promise<void> {
    try {
      await handle.truncate(length);
    } finally {
      // The state of the descriptor after a failed write is unknown, so the retry opens a new one.
      await this.close();
    }
  }

  /** The open file if it is still the one at the path, otherwise the file that is there now. */
  async #current(): Promise<FileHandle> {
    if (this.#handle && !(await isAt(this.path, this.#handle))) await this.close();
    this.#handle ??= await openAppend(this.path, this.#base);
    return this.#handle;
  }
}

/**
 * After a crash, removes an incomplete last line beyond the recorded length: the remains of a write that was not
 * recorded. It changes no other file, and removes no complete line and nothing before the recorded length.
 */
export const removeIncompleteLine = async (path: string, recorded: FileRecord | undefined): Promise<void> => {
  if (!recorded) return;
  await using handle = await open(resolve(path), "r+").catch(ignoreNoFile);
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
  // This check comes before opening, because opening a device may have side effects.
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

const isAt = async (path: string, handle: FileHandle): Promise<boolean> => {
  const current = await stat(path, { bigint: true }).catch(ignoreMissing);
  const open = await handle.stat({ bigint: true });
  return current !== undefined && current.ino === open.ino && current.dev === open.dev;
};

const ignoreMissing = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== "ENOENT") throw error;
};

const ignoreNoFile = (error: NodeJS.ErrnoException): undefined => {
  if (error.code !== "EISDIR") ignoreMissing(error);
};

const endsLine = async (handle: FileHandle, size: number): Promise<boolean> =>
  (await lastLineEnd(handle, size - 1, size)) === size;

/** Offset just past the last newline in [from, to), or `from` if there is none. */
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
