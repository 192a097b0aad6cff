import { join } from "node:path";
import { isOutOfFiles, SyncError } from "./commit-error.ts";
import type { HeldFrames, Place } from "./database.ts";
import { deadLetterOutbox } from "./dead-letter-index.ts";
import type { Files } from "./files.ts";
import { mostAtOnce, mostHeld } from "./held-frames.ts";
import { listSegments, outboxDirectory, removeSegments, segmentName } from "./segments.ts";

export interface OpenSegmentsOptions {
  readonly dataDir: string;
  readonly files: Files;
  /** The end of each outbox at the last commit. */
  readonly ends: ReadonlyMap<string, Place>;
  /** An append that would make a segment longer than this, in bytes, starts a new one. */
  readonly segmentBytes: number;
}

/** The segment of an outbox to which frames are appended. */
interface OpenSegment {
  readonly directory: string;
  segment: number;
  size: number;
  fd: number;
  /** The oldest segment file that still exists. */
  first: number;
  /** Up to this offset the file is delivered, and its disk blocks are freed. */
  hole: number;
  /** Up to this offset the file is synced or delivered. */
  safe: number;
  /** The ends of the appends that weir.db holds. */
  held: readonly number[];
}

/** One append of a commit, and how to undo it. */
export interface Append {
  readonly outbox: string;
  readonly bytes: Uint8Array;
  readonly open: OpenSegment;
  readonly before: { readonly segment: number; readonly size: number; readonly fd: number };
  readonly isNew: boolean;
}

/** The segment files of all outboxes, as the thread that commits has them. */
export class OpenSegments {
  readonly #options: OpenSegmentsOptions;
  readonly #segments = new Map<string, OpenSegment>();

  constructor(options: OpenSegmentsOptions) {
    this.#options = options;
    for (const [outbox, end] of options.ends) this.#restore(outbox, end);
  }

  /** Truncates an outbox to its end at the last commit: what is beyond was never committed. */
  #restore(outbox: string, { segment, offset }: Place): void {
    const { files, dataDir } = this.#options;
    const directory = outboxDirectory(dataDir, outbox);
    const found = listSegments(directory);
    for (const other of found) if (other > segment) files.remove(join(directory, segmentName(other)));
    const fd = files.open(join(directory, segmentName(segment)));
    files.truncate(fd, offset);
    const first = found[0] ?? segment;
    this.#segments.set(outbox, { directory, segment, size: offset, fd, first, hole: 0, safe: offset, held: [] });
  }

  /** Removes an outbox that no sink uses. */
  forget(outbox: string): void {
    const { files, dataDir } = this.#options;
    const open = this.#segments.get(outbox);
    if (open && open.fd >= 0) files.close(open.fd);
    this.#segments.delete(outbox);
    removeSegments(files, outboxDirectory(dataDir, outbox));
  }

  /** The state before an append; it writes nothing yet. */
  begin(outbox: string, bytes: Uint8Array): Append {
    const open = this.#segments.get(outbox) ?? this.#start(outbox);
    const { segment, size, fd } = open;
    const isNew = fd < 0 || (size > 0 && size + bytes.length > this.#options.segmentBytes);
    return { outbox, bytes, open, before: { segment, size, fd }, isNew };
  }

  #start(outbox: string): OpenSegment {
    const { files, dataDir } = this.#options;
    const directory = outboxDirectory(dataDir, outbox);
    files.makeDirectory(directory);
    this.#syncDirectory(join(dataDir, "outboxes"));
    const open = { directory, segment: 1, size: 0, fd: -1, first: 1, hole: 0, safe: 0, held: [] };
    this.#segments.set(outbox, open);
    return open;
  }

  write({ open, before, isNew, bytes }: Append): void {
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

  #syncDirectory(path: string): void {
    try {
      this.#options.files.syncDirectory(path);
    } catch (error) {
      throw isOutOfFiles(error) ? error : new SyncError(`"${path}"`, error);
    }
  }

  /** Whether weir.db can hold what is appended. It holds no dead letters, whose files are removed in any order. */
  canHold(appends: readonly Append[]): boolean {
    return (
      appends.reduce((total, { bytes }) => total + bytes.length, 0) <= mostAtOnce &&
      appends.every(
        ({ outbox, open, isNew }) => !isNew && outbox !== deadLetterOutbox && open.size - open.safe <= mostHeld,
      )
    );
  }

  /** Syncs the segments of these appends, and those before them of which weir.db holds something. */
  async sync(appends: readonly Append[]): Promise<void> {
    const fds = appends.flatMap(({ open, before, isNew }) =>
      isNew && open.held.length > 0 ? [before.fd, open.fd] : [open.fd],
    );
    await this.#sync(fds);
  }

  async #sync(fds: readonly number[]): Promise<void> {
    if (fds.length === 0) return;
    try {
      await this.#options.files.sync(fds);
    } catch (error) {
      throw new SyncError("the outboxes", error);
    }
  }

  /** Whether weir.db holds frames before a place. */
  isHeldBefore(outbox: string, { segment, offset }: Place): boolean {
    const open = this.#segments.get(outbox);
    return open?.segment === segment && open.held.some((end) => end <= offset);
  }

  /** Call it when an append is committed: weir.db holds it, or it is synced, with all before it. */
  committed({ open }: Append, isHeld: boolean): void {
    if (!isHeld) open.safe = open.size;
    open.held = isHeld ? [...open.held, open.size] : [];
  }

  /** Removes an append that was not committed. */
  undo({ open, before, isNew }: Append): void {
    const { files } = this.#options;
    if (isNew && open.fd !== before.fd) {
      files.close(open.fd);
      files.remove(join(open.directory, segmentName(open.segment)));
    } else if (open.fd >= 0) files.truncate(open.fd, before.size);
    Object.assign(open, before);
  }

  closeFinished({ before, isNew }: Append): void {
    if (isNew && before.fd >= 0) this.#options.files.close(before.fd);
  }

  /** Frees what is delivered up to a place, as the database says. `isFull`: the disk is full, and every block counts. */
  delivered(outbox: string, place: Place, isFull: boolean): void {
    const open = this.#segments.get(outbox);
    if (!open) return;
    if (open.segment === place.segment) {
      open.held = open.held.filter((end) => end > place.offset);
      open.safe = Math.max(open.safe, place.offset);
    }
    this.#release(open, place.segment);
    this.hollow(outbox, place, isFull);
  }

  /** Removes the segments before `segment`: they are delivered, and the database row that says so is synced. */
  #release(open: OpenSegment, segment: number): void {
    while (open.first < segment) {
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
  hollow(outbox: string, { segment, offset }: Place, isFull: boolean): void {
    const open = this.#segments.get(outbox);
    if (!open || open.fd < 0 || open.segment !== segment || open.size !== offset) return;
    if (open.size - open.hole < (isFull ? 1 : hollowBytes)) return;
    try {
      this.#options.files.truncate(open.fd, 0);
      this.#options.files.truncate(open.fd, open.size);
      open.hole = open.size;
    } catch {
      // It only takes up space.
    }
  }

  /** Syncs the segments of which weir.db holds something. Returns their ends. */
  async syncHeld(): Promise<{ readonly outbox: string; readonly place: Place }[]> {
    const held = [...this.#segments].filter(([, { held }]) => held.length > 0);
    await this.#sync(held.map(([, { fd }]) => fd));
    return held.map(([outbox, open]) => ({ outbox, place: endOf(open) }));
  }

  close(): void {
    for (const { fd } of this.#segments.values()) if (fd >= 0) this.#options.files.close(fd);
    this.#segments.clear();
  }
}

/** The place after the last byte of a segment. */
export const endOf = ({ segment, size }: OpenSegment): Place => ({ segment, offset: size });

/** The ends of the outboxes of which weir.db holds something before these appends. */
export const placesOfHeld = (appends: readonly Append[]): { readonly outbox: string; readonly place: Place }[] =>
  appends.filter(({ open }) => open.held.length > 0).map(({ outbox, open }) => ({ outbox, place: endOf(open) }));

/** An append as weir.db holds it. */
export const heldFramesOf = ({ outbox, bytes, before }: Append): HeldFrames => ({
  outbox,
  segment: before.segment,
  offset: before.size,
  bytes,
});

/** Fewer delivered bytes than this are not worth the calls, unless the disk is full. */
const hollowBytes = 1024 * 1024;
