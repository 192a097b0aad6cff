import { codeOf, isFullError, isSyncError, isTransient, messageOf } from "./commit-error.ts";
import { type Changes, noChanges, type Place } from "./database.ts";
import {
  type Append,
  endOf,
  heldFramesOf,
  OpenSegments,
  type OpenSegmentsOptions,
  placesOfHeld,
} from "./open-segments.ts";
import type { Reserve } from "./reserve.ts";

/** One commit: frames for the outboxes, and the database changes that belong to them. */
export interface CommitRequest extends Omit<Changes, "ends" | "held" | "synced"> {
  readonly appends: readonly { readonly outbox: string; readonly bytes: Uint8Array }[];
}

export type CommitAnswer =
  | { readonly ok: true; readonly ends: readonly { readonly outbox: string; readonly end: Place }[] }
  /** Nothing was committed. With `retry` the same request may succeed later (a full disk); without it the process must end. */
  | { readonly ok: false; readonly retry: boolean; readonly code: string; readonly message: string };

export interface CommitterOptions extends OpenSegmentsOptions {
  readonly database: { commit(changes: Changes): void; close(): void };
  /** Released when the disk is full. */
  readonly reserve?: Reserve;
}

/**
 * The order of a commit: append the frames, sync them, then commit the database. A few frames are not synced, but also written
 * into the database: one sync takes half as long as two in a row. After a failed append or commit the segments are
 * truncated to their previous length, so that the same request can be tried again.
 */
export class Committer {
  readonly #options: CommitterOptions;
  readonly #segments: OpenSegments;
  /** How far each outbox is delivered, as the database has it. */
  readonly #delivered = new Map<string, Place>();
  #isFull = false;
  /** A sync failed: nothing is synced after that, since it may report success without having written. */
  #isUnsure = false;
  #running: Promise<unknown> = Promise.resolve();

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#segments = new OpenSegments(options);
  }

  commit(request: CommitRequest): Promise<CommitAnswer> {
    const answer = this.#commit(request);
    this.#running = answer;
    return answer;
  }

  async #commit(request: CommitRequest): Promise<CommitAnswer> {
    const segments = this.#segments;
    const appends: Append[] = [];
    let ends: { readonly outbox: string; readonly end: Place }[];
    let isHeld: boolean;
    try {
      for (const component of request.forget ?? []) this.#forget(component);
      for (const { outbox, bytes } of request.appends) {
        const append = segments.begin(outbox, bytes);
        appends.push(append);
        segments.write(append);
      }
      isHeld = segments.canHold(appends);
      if (!isHeld) await segments.sync(appends);
      ends = appends.map(({ outbox, open }) => ({ outbox, end: endOf(open) }));
      const delivered = request.delivered.filter(({ outbox, place }) => segments.isHeldBefore(outbox, place));
      const [held, synced] = isHeld ? [appends.map(heldFramesOf), []] : [[], placesOfHeld(appends)];
      this.#options.database.commit({ ...request, ends, held, synced: [...synced, ...delivered] });
    } catch (error) {
      return this.#undo(appends, error);
    }
    // From here on the commit is durable, even if the cleanup fails.
    for (const append of appends) {
      segments.closeFinished(append);
      segments.committed(append, isHeld);
    }
    for (const { outbox, place } of request.delivered) {
      this.#delivered.set(outbox, place);
      segments.delivered(outbox, place, this.#isFull);
    }
    if (appends.length > 0) this.#isFull = false;
    this.#options.reserve?.restore();
    return { ok: true, ends };
  }

  /** Waits for the commit in progress: it could otherwise write to a reused file descriptor. */
  async close(): Promise<void> {
    await this.#running;
    try {
      await this.#syncHeld();
    } finally {
      this.#segments.close();
      this.#options.database.close();
    }
  }

  /** Syncs what the database holds, so that the segments alone have everything. Rejects if that cannot be known. */
  async #syncHeld(): Promise<void> {
    if (this.#isUnsure) return;
    try {
      const synced = await this.#segments.syncHeld();
      if (synced.length > 0) this.#options.database.commit({ ...noChanges, synced });
    } catch (error) {
      if (isSyncError(error)) throw error;
      // The database still holds it, and the next start writes it to the segments.
    }
  }

  #forget(outbox: string): void {
    this.#segments.forget(outbox);
    this.#delivered.delete(outbox);
  }

  #undo(appends: readonly Append[], error: unknown): CommitAnswer {
    const message = messageOf(error);
    const code = codeOf(error);
    // The database may have the commit after all, and then its frames must stay: the next start truncates what is not committed.
    if (isSyncError(error)) {
      this.#isUnsure = true;
      return { ok: false, retry: false, code, message };
    }
    try {
      for (const append of [...appends].reverse()) this.#segments.undo(append);
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
      for (const [outbox, place] of this.#delivered) this.#segments.hollow(outbox, place, true);
    }
    return { ok: false, retry: isTransient(error), code, message };
  }
}
