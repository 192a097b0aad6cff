import { join } from "node:path";
import { codeOf, isFullError, isOutOfFiles, isSyncError, isTransient, messageOf, SyncError } from "./commit-error.ts";
import type { Changes, Place } from "./database.ts";
import type { Files } from "./files.ts";
import type { Reserve } from "./reserve.ts";
import { listSegments, outboxDirectory, removeSegments, segmentName } from "./segments.ts";

/** One commit: frames for the outboxes, and the database changes that belong to them. */
export interface CommitRequest extends Omit<Changes, "ends"> {
  readonly appends: readonly { readonly outbox: string; readonly bytes: Uint8Array }[];
}

export type CommitAnswer =
  | { readonly ok: true; readonly ends: readonly { readonly outbox: string; readonly end: Place }[] }
  /** Nothing was committed. With `retry` the same request may succeed later (a full disk); without it the process must end. */
  | { readonly ok: false; readonly retry: boolean; readonly code: string; readonly message: string };

export interface CommitterOptions {
  readonly dataDir: string;
  readonly files: Files;
  readonly database: { commit(changes: Changes): void; close(): void };
  /** The end of each outbox at the last commit. */
  readonly ends: ReadonlyMap<string, Place>;
  /** A commit that would make a segment longer than this, in bytes, starts a new one. */
  readonly segmentBytes: number;
  /** Released when the disk is full. */
  readonly reserve?: Reserve;
}

interface OpenSegment {
  readonly directory: string;
  segment: number;
  size: number;
  fd: number;
  /** The oldest segment file that still exists. */
  first: number;
  /** Up to this offset the file is delivered, and its disk blocks are freed. */
  hole: number;
}

/** One append of a request, and how to undo it. */
interface Append {
  readonly outbox: string;
  readonly open: OpenSegment;
  readonly before: { readonly segment: number; readonly size: number; readonly fd: number };
  readonly isNew: boolean;
}

/**
 * The order of a commit: append the frames, sync them, then commit the database. After a failed append or commit the
 * segments are truncated to their previous length, so that the same request can be tried again.
 */
export class Committer {
  readonly #options: CommitterOptions;
  /** How far each outbox is delivered, as the database has it. */
  readonly #delivered = new Map<string, Place>();
  readonly #segments = new Map<string, OpenSegment>();
  #isFull = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: CommitterOptions) {
    this.#options = options;
    for (const [outbox, end] of options.ends) this.#restore(outbox, end);
  }

  commit(request: CommitRequest): Promise<CommitAnswer> {
    const answer = this.#commit(request);
    this.#running = answer;
    return answer;
  }

  async #commit(request: CommitRequest): Promise<CommitAnswer> {
    const appends: Append[] = [];
    let ends: { readonly outbox: string; readonly end: Place }[];
    try {
      for (const component of request.forget ?? []) this.#forget(component);
      for (const { outbox, bytes } of request.appends) {
        const append = this.#begin(outbox, bytes.length);
        appends.push(append);
        this.#write(append, bytes);
      }
      await this.#sync(appends);
      ends = appends.map(({ outbox, open }) => ({ outbox, end: { segment: open.segment, offset: open.size } }));
      this.#options.database.commit({ ...request, ends });
    } catch (error) {
      return this.#undo(appends, error);
    }
    // From here on the commit is durable, even if the cleanup fails.
    for (const { before, isNew } of appends) if (isNew && before.fd >= 0) this.#options.files.close(before.fd);
    for (const { outbox, place } of request.delivered) {
      this.#delivered.set(outbox, place);
      this.#release(outbox, place.segment);
      this.#hollow(outbox, place);
    }
    if (appends.length > 0) this.#isFull = false;
    this.#options.reserve?.restore();
    return { ok: true, ends };
  }

  /** Waits for the commit in progress: it could otherwise write to a reused file descriptor. */
  async close(): Promise<void> {
    await this.#running;
    for (const { fd } of this.#segments.values()) if (fd >= 0) this.#options.files.close(fd);
    this.#segments.clear();
    this.#options.database.close();
  }

  /** Truncates an outbox to its end at the last commit: what is beyond was never committed. */
  #restore(outbox: string, end: Place): void {
    const { files, dataDir } = this.#options;
    const directory = outboxDirectory(dataDir, outbox);
    const found = listSegments(directory);
    for (const segment of found) if (segment > end.segment) files.remove(join(directory, segmentName(segment)));
    const fd = files.open(join(directory, segmentName(end.segment)));
    files.truncate(fd, end.offset);
    this.#segments.set(outbox, {
      directory,
      segment: end.segment,
      size: end.offset,
      fd,
      first: found[0] ?? end.segment,
      hole: 0,
    });
  }

  /** Removes an outbox that no sink uses. */
  #forget(outbox: string): void {
    const { files, dataDir } = this.#options;
    const open = this.#segments.get(outbox);
    if (open && open.fd >= 0) files.close(open.fd);
    this.#segments.delete(outbox);
    this.#delivered.delete(outbox);
    removeSegments(files, outboxDirectory(dataDir, outbox));
  }

  /** The state before an append; it writes nothing yet. */
  #begin(outbox: string, bytes: number): Append {
    const open = this.#segments.get(outbox) ?? this.#start(outbox);
    const isNew = open.fd < 0 || (open.size > 0 && open.size + bytes > this.#options.segmentBytes);
    return { outbox, open, before: { segment: open.segment, size: open.size, fd: open.fd }, isNew };
  }

  #write({ open, before, isNew }: Append, bytes: Uint8Array): void {
    const { files } = this.#options;
    if (isNew) {
      const segment = before.fd < 0 ? before.segment : before.segment + 1;
      const fd = files.open(join(open.directory, segmentName(segment)));
      Object.assign(open, { segment, fd, size: 0, hole: 0 });
      files.truncate(fd, 0);
      this.#syncDirectory(open.directory);
    }
    files.write(open.fd, bytes, open.size);
    open.size += bytes.length;
  }

  #start(outbox: string): OpenSegment {
    const { files, dataDir } = this.#options;
    const directory = outboxDirectory(dataDir, outbox);
    files.makeDirectory(directory);
    this.#syncDirectory(join(dataDir, "outboxes"));
    const open = { directory, segment: 1, size: 0, fd: -1, first: 1, hole: 0 };
    this.#segments.set(outbox, open);
    return open;
  }

  async #sync(appends: readonly Append[]): Promise<void> {
    if (appends.length === 0) return;
    try {
      await this.#options.files.sync(appends.map(({ open }) => open.fd));
    } catch (error) {
      throw new SyncError("the outboxes", error);
    }
  }

  #syncDirectory(path: string): void {
    try {
      this.#options.files.syncDirectory(path);
    } catch (error) {
      throw isOutOfFiles(error) ? error : new SyncError(`"${path}"`, error);
    }
  }

  #undo(appends: readonly Append[], error: unknown): CommitAnswer {
    const message = messageOf(error);
    const code = codeOf(error);
    // The database may have the commit after all, and then its frames must stay: the next start truncates what is not committed.
    if (isSyncError(error)) return { ok: false, retry: false, code, message };
    try {
      for (const append of [...appends].reverse()) this.#truncate(append);
    } catch (worse) {
      return {
        ok: false,
        retry: false,
        code: codeOf(worse),
        message: `${message}; and cannot truncate the outboxes: ${messageOf(worse)}`,
      };
    }
    if (isFullError(error)) {
      this.#isFull = true;
      this.#options.reserve?.release();
      // What was delivered while there was room enough was not worth it then.
      for (const [outbox, place] of this.#delivered) this.#hollow(outbox, place);
    }
    return { ok: false, retry: isTransient(error), code, message };
  }

  #truncate({ open, before, isNew }: Append): void {
    const { files } = this.#options;
    if (isNew && open.fd !== before.fd) {
      files.close(open.fd);
      files.remove(join(open.directory, segmentName(open.segment)));
    } else if (open.fd >= 0) files.truncate(open.fd, before.size);
    Object.assign(open, before);
  }

  /** Removes the segments before `segment`: they are delivered, and the database row that says so is synced. */
  #release(outbox: string, segment: number): void {
    const open = this.#segments.get(outbox);
    while (open && open.first < segment) {
      try {
        this.#options.files.remove(join(open.directory, segmentName(open.first)));
      } catch {
        // A file that cannot be removed only takes up space; the next start finds it again.
      }
      open.first++;
    }
  }

  /**
   * Returns the blocks of a fully delivered segment to the disk. The file keeps its length, so that the next append keeps its
   * offset. Otherwise a disk full of delivered segments would have no room for the next one.
   */
  #hollow(outbox: string, { segment, offset }: Place): void {
    const open = this.#segments.get(outbox);
    if (!open || open.fd < 0 || open.segment !== segment || open.size !== offset) return;
    if (open.size - open.hole < (this.#isFull ? 1 : hollowBytes)) return;
    try {
      this.#options.files.truncate(open.fd, 0);
      this.#options.files.truncate(open.fd, open.size);
      open.hole = open.size;
    } catch {
      // It only takes up space.
    }
  }
}

/** Fewer delivered bytes than this are not worth the calls, unless the disk is full. */
const hollowBytes = 1024 * 1024;
