import type { BigIntStats } from "node:fs";
import type { FileHandle } from "node:fs/promises";
import { resolve } from "node:path";
import { blockAt, lastLineEnd, partWritten } from "./lines.ts";
import { type FileIdentity, identityOf, isSame, openAppend, openSame, statsAt } from "./open-file.ts";
import type { Rotation } from "./rotation.ts";

/** A file that was written, as recorded with the commit. */
export interface FileRecord extends FileIdentity {
  /** Length after the last sync. Beyond it there are only lines whose delivery is not recorded. */
  readonly length: number;
  /** When the file was created; milliseconds since 1970. */
  readonly started: number;
}

/** The file to append to, and its length. */
interface Ready {
  readonly handle: FileHandle;
  readonly record: FileRecord;
}

/**
 * A file to which whole blocks of lines are appended: a block is either synced to disk or removed again. After a crash, or
 * when a block could not be removed, the next block continues where it was cut; if it is another block, an incomplete line
 * is removed first. The file must be recorded before bytes are written to it: see `isRecorded`.
 */
export class AppendFile {
  readonly path: string;
  readonly #rotation: Rotation;
  readonly #base: string | undefined;
  #record: FileRecord | undefined;
  /** The record for the next start: what is on disk has the same identity, and at most this length. */
  #saved: FileRecord | undefined;
  /** Beyond this offset, the file may hold lines, also an incomplete one, that were not delivered. */
  #unsettled: number | undefined;
  #handle: FileHandle | undefined;
  /** What identifies the open file. */
  #identity: FileIdentity | undefined;
  /** Where the last append ended, with a newline. */
  #lineEnd: number | undefined;
  #ready: Ready | undefined;

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
    this.#saved = record;
    this.#unsettled = record?.length;
  }

  /** The record of the file as it is now, or the one from before the start. */
  get record(): FileRecord | undefined {
    return this.#record;
  }

  /** Creates the file if it does not exist. Rejects if it cannot be written. */
  async open(): Promise<void> {
    await this.#stats();
  }

  /** Opens the file for a block of this many bytes, and rotates it first if that is due. */
  async prepare(bytes: number): Promise<void> {
    let ready = await this.#look();
    if (this.#rotation.isDue(ready.record.length, ready.record.started, bytes)) {
      await this.close();
      await this.#rotation.rotate(this.path);
      ready = await this.#look();
    }
    this.#ready = ready;
    // Lines beyond the length that are not settled stay beyond it.
    if (this.#unsettled === undefined) this.#record = ready.record;
  }

  /** Whether a crash within the next append could be noticed at the next start: the record that is saved is of this file. */
  get isRecorded(): boolean {
    const { record } = this.#ready!;
    return this.#saved !== undefined && isSame(this.#saved, record) && this.#saved.length <= record.length;
  }

  /** Call it when the record is saved. */
  saved(): void {
    this.#saved = this.#record;
  }

  /** Appends `lines` in one write and syncs them. If this rejects, none of them is in the file. Call `prepare` before. */
  async append(lines: Uint8Array): Promise<void> {
    const { handle, record } = this.#ready!;
    let size = record.length;
    const from = this.#unsettled ?? size;
    let block = from === this.#lineEnd ? lines : await blockAt(handle, from, lines);
    let written = size > from ? await partWritten(handle, from, size, block) : 0;
    if (written === undefined) {
      // Another block than before: its lines follow the complete ones.
      size = await this.#settle(handle);
      block = await blockAt(handle, size, lines);
      written = 0;
    }
    this.#unsettled ??= size;
    try {
      if (written < block.length) await writeAll(handle, block.subarray(written), this.path);
      await handle.datasync();
    } catch (error) {
      await this.#undo(handle, size);
      throw error;
    }
    const end = this.#unsettled + block.length;
    // All of it was there already, and more: what follows belongs to the next blocks.
    this.#unsettled = end < size ? end : undefined;
    this.#lineEnd = end;
    this.#record = { ...record, length: end };
    this.#saved = this.#record;
  }

  /** Closes the file, without an incomplete line. */
  async close(): Promise<void> {
    const handle = this.#handle ?? (await this.#lost());
    this.#handle = undefined;
    this.#ready = undefined;
    try {
      if (handle) await this.#settle(handle);
    } finally {
      await handle?.close();
    }
  }

  async #look(): Promise<Ready> {
    const stats = await this.#stats();
    const { size, birthtimeMs, mtimeMs } = stats;
    const identity = identityOf(stats);
    const isKnown = isSame(this.#record, identity);
    if (this.#unsettled !== undefined && (!isKnown || Number(size) < this.#unsettled)) await this.#forget();
    const now = this.#rotation.now();
    const started = isKnown ? this.#record!.started : size === 0n ? now : Number(birthtimeMs || mtimeMs);
    // A file cannot be younger than now: the clock was ahead when it was created, and its age is counted from now on.
    const record = { ...identity, length: Number(size), started: Math.min(started, now) };
    return { handle: this.#handle!, record };
  }

  /** The file at the path is another one, or was truncated: nothing is left to continue there. */
  async #forget(): Promise<void> {
    const lost = await this.#lost();
    try {
      if (lost) await this.#settle(lost);
    } finally {
      this.#unsettled = undefined;
      await lost?.close();
    }
  }

  /** Opens the file with lines that are not settled, under its path or another name; `undefined` if there is none. */
  async #lost(): Promise<FileHandle | undefined> {
    return this.#unsettled !== undefined && this.#record ? openSame(this.path, this.#record) : undefined;
  }

  /** Removes an incomplete last line, if weir wrote it. Returns the length of the file. */
  async #settle(handle: FileHandle): Promise<number> {
    const { size } = await handle.stat();
    const end = this.#unsettled === undefined ? size : await lastLineEnd(handle, Math.min(this.#unsettled, size), size);
    if (end < size) {
      await handle.truncate(end);
      await handle.datasync();
    }
    this.#unsettled = undefined;
    return end;
  }

  /** After a failed write: removes it, and the incomplete line that it continued. Leaves to the next append what it cannot do. */
  async #undo(handle: FileHandle, size: number): Promise<void> {
    const from = this.#unsettled!;
    try {
      await handle.truncate(await lastLineEnd(handle, from, size));
      if (from === size) this.#unsettled = undefined;
    } catch {
      // Unsettled lines are also removed when the file is opened again.
    }
    // The state of the descriptor after a failed write is unknown, so the retry opens a new one.
    this.#handle = undefined;
    this.#ready = undefined;
    await handle.close().catch(() => undefined);
  }

  /** Opens the file at the path, unless it is open already. Returns its stats. */
  async #stats(): Promise<BigIntStats> {
    if (this.#handle) {
      // An open file keeps its inode, so no other file can have it.
      const stats = await statsAt(this.path);
      if (stats && isSame(this.#identity, identityOf(stats))) return stats;
      await this.close();
    }
    this.#lineEnd = undefined;
    this.#handle = await openAppend(this.path, this.#base);
    const stats = await this.#handle.stat({ bigint: true });
    this.#identity = identityOf(stats);
    return stats;
  }
}

const writeAll = async (handle: FileHandle, bytes: Uint8Array, path: string): Promise<void> => {
  const { bytesWritten } = await handle.write(bytes, 0, bytes.length);
  if (bytesWritten < bytes.length)
    throw new Error(`wrote only ${bytesWritten} of ${bytes.length} bytes to "${path}". Is the disk full?`);
};
