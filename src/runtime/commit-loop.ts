import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../clock.ts";
import type { Log } from "../context.ts";
import type { CommitAnswer, CommitRequest } from "../storage/committer.ts";
import { frameMemory } from "../storage/frame-memory.ts";
import type { CommitWriter } from "../storage/writer.ts";
import { counted } from "../text.ts";
import type { Outbox } from "./delivery/outbox.ts";
import type { Progressing } from "./delivery/sink-record.ts";
import type { Flight } from "./flow/flight.ts";
import type { Group } from "./flow/group.ts";
import { Waiters } from "./flow/waiters.ts";
import { type Frozen, requestOf, Uncommitted } from "./uncommitted.ts";

export interface CommitLoopOptions {
  readonly writer: CommitWriter;
  readonly outboxes: ReadonlyMap<string, Outbox>;
  /** The records of sinks without an outbox on disk. */
  readonly records: ReadonlyMap<string, Progressing>;
  /** Called for each committed batch, before its source is notified. */
  readonly onCommitted: (flight: Flight) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** Called after each commit attempt. */
  readonly onAnswer: () => void;
  /** Called with a message when commits fail, and with `undefined` when they succeed again. */
  readonly onTrouble: (message: string | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/** How long settled batches may stay uncommitted if nothing waits for them, in milliseconds. */
const linger = 100;
/** While sources catch up, events wait for their delivery so many times as long as the last commit took. */
const pace = 10;
/** Sources that take in more bytes than this in that time catch up. */
const muchRead = 1024 * 1024;
/** So many writes of state are applied in two or three milliseconds, for which other work waits. */
const writesEachTurn = 1_024;
/** Time between attempts of a failed commit, in milliseconds. */
const retryAfter = 1000;

/**
 * Commits the longest settled prefix of every group, one commit at a time, as soon as something waits for it. No part of a
 * batch leaves the process before its commit has succeeded.
 */
export class CommitLoop {
  readonly #options: CommitLoopOptions;
  readonly #uncommitted: Uncommitted;
  readonly #answered = new Waiters();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #isPlanned = false;
  /** When the next commit is to start, by the monotonic clock, if it waits. */
  #due = Number.POSITIVE_INFINITY;
  /** Until when events may wait while sources catch up, by the monotonic clock: a commit is synced to the disk. */
  #paced = Number.NEGATIVE_INFINITY;
  #commits = 0;
  #retries = 0;

  constructor(options: CommitLoopOptions) {
    this.#options = options;
    this.#uncommitted = new Uncommitted(options.outboxes, options.records);
  }

  get commits(): number {
    return this.#commits;
  }

  get retries(): number {
    return this.#retries;
  }

  get isCommitting(): boolean {
    return this.#running !== undefined;
  }

  /** Adds a group, whose settled batches are committed from now on. */
  add(group: Group): void {
    this.#uncommitted.add(group);
  }

  /** Removes a group. Resolves when the current commit has ended; the group is in no later one. */
  async remove(group: Group): Promise<void> {
    this.#uncommitted.remove(group);
    await this.#running;
  }

  /** Schedules a commit after batches were settled or delivered: at once if something waits for them, otherwise soon. */
  schedule(): void {
    if (this.#stopping.signal.aborted || this.#running || this.#isPlanned) return;
    const wait = this.#wait();
    if (wait <= 0) {
      this.#start();
      return;
    }
    const due = this.#options.clock.monotonic() + wait;
    if (due >= this.#due) return;
    this.#due = due;
    void this.#options.clock.sleep(wait, this.#stopping.signal).then(() => {
      // Another commit was due earlier.
      if (this.#due !== due) return;
      this.#due = Number.POSITIVE_INFINITY;
      this.#start();
    });
  }

  /** How long the next commit may wait, in milliseconds. */
  #wait(): number {
    const { waiting, takenBytes } = this.#uncommitted;
    if (waiting === "none") return linger;
    if (waiting === "now" || takenBytes <= muchRead) return 0;
    return this.#paced - this.#options.clock.monotonic();
  }

  /** Lets batches that wait for room into the outboxes, where there is room now. */
  admit(): void {
    for (const outbox of this.#options.outboxes.values()) outbox.admit();
  }

  /** Commits a flight that belongs to no group, such as dead letters of a sink. Notifies its admission of the result. */
  commitAlone(flight: Flight): void {
    if (this.#stopping.signal.aborted) {
      flight.notify("abandoned");
      return;
    }
    this.#uncommitted.addAlone(flight);
    this.#start();
  }

  /** Commits what is settled now, without waiting for more. */
  commitNow(): void {
    if (!this.#uncommitted.isEmpty) this.#start();
  }

  /** Resolves when everything settled or delivered is committed, or `signal` aborts. Use it after the sources have
   *  stopped. */
  async idle(signal: AbortSignal): Promise<void> {
    while (!this.#stopping.signal.aborted && !signal.aborted && (this.#running || !this.#uncommitted.isEmpty)) {
      this.#start();
      await this.#answered.wait(signal);
    }
  }

  /** Starts no further commit. Resolves when the current one has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#answered.wake();
    await this.#running;
    this.#uncommitted.abandonAlone();
  }

  /** Starts a commit in a new turn of the event loop, so that callers only enqueue. */
  #start(): void {
    if (this.#isPlanned || this.#running) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      if (this.#stopping.signal.aborted || this.#uncommitted.isEmpty) return;
      this.#running = this.#run();
      void this.#running.then(() => this.#next());
    });
  }

  async #run(): Promise<void> {
    const { alone } = this.#uncommitted;
    try {
      const { clock, log } = this.#options;
      const since = clock.monotonic();
      const frozen = this.#uncommitted.freeze();
      const answer = await this.#commit(frozen);
      if (answer?.ok) await this.#apply(frozen, answer);
      const took = clock.monotonic() - since;
      this.#paced = since + Math.min(linger, pace * took);
      log.debug(`commit of ${counted(frozen.flights.length, "batch", "batches")} took ${Math.round(took)} ms`);
    } catch (error) {
      this.#options.fail(error);
    }
    // A flight that was committed has been notified already, and ignores this.
    for (const flight of alone) flight.notify("abandoned");
  }

  #next(): void {
    this.#running = undefined;
    this.#options.onAnswer();
    this.#answered.wake();
    if (!this.#uncommitted.isEmpty) this.schedule();
  }

  /** Retries until the commit succeeds. Resolves to `undefined` if the loop was stopped between attempts. */
  async #commit(frozen: Frozen): Promise<CommitAnswer | undefined> {
    const { changes } = frozen;
    const { writer, clock, log, onTrouble } = this.#options;
    let isTroubled = false;
    while (!this.#stopping.signal.aborted) {
      const answer = await writer.commit(requestOf(frozen, writer.room));
      this.#commits++;
      if (answer.ok && isTroubled) {
        onTrouble(undefined);
        log.info("commits succeed again");
      }
      if (answer.ok) return answer;
      isTroubled = true;
      if (!answer.retry) throw new Error(`the commit failed and cannot be retried (${answer.code}): ${answer.message}`);
      this.#retries++;
      log.error(`a commit failed, retrying in ${retryAfter} ms (${answer.code}): ${answer.message}`);
      onTrouble(`commits are failing (${answer.code}): ${answer.message}`);
      await clock.sleep(retryAfter, this.#stopping.signal);
      const recorded = await this.#commitDelivered(changes.delivered);
      // A later delivered position is committed now: the retry must not set it back.
      changes.delivered = changes.delivered.filter(({ outbox }) => !recorded.has(outbox));
    }
    return undefined;
  }

  /**
   * Commits what was delivered or purged until now, without the rest. This frees disk space, which may be all that the
   * failed commit needs. `waiting`: the delivered positions in the failed commit. Returns the outboxes whose delivered position it committed.
   */
  async #commitDelivered(waiting: CommitRequest["delivered"]): Promise<ReadonlySet<string>> {
    const frozen = this.#stopping.signal.aborted ? undefined : this.#uncommitted.freezeDelivered(waiting);
    if (!frozen) return new Set();
    const answer = await this.#options.writer.commit(frozen.request);
    this.#commits++;
    if (!answer.ok) {
      frozen.failed();
      return new Set();
    }
    frozen.succeeded();
    return frozen.outboxes;
  }

  /**
   * Applies a commit in this order: state, sources, budgets, and then the sinks, which may deliver. Many writes take several turns of
   * the event loop. Meanwhile, as while the commit was written, what is not applied yet counts as uncommitted.
   */
  async #apply({ flights, prefixes }: Frozen, { ends }: Extract<CommitAnswer, { ok: true }>): Promise<void> {
    let writes = 0;
    for (const flight of flights) {
      this.#options.onCommitted(flight);
      flight.notify("committed");
      writes += flight.writeCount;
      if (writes < writesEachTurn) continue;
      writes = 0;
      await nextTurn();
    }
    for (const [group, prefix] of prefixes) group.committed(prefix);
    for (const { outbox: name, end } of ends) {
      const outbox = this.#options.outboxes.get(name);
      outbox?.committed(
        end,
        flights.flatMap(({ frames }) => frames.get(outbox)?.parts ?? []),
      );
    }
    this.admit();
    for (const { afterCommit } of flights) for (const callback of afterCommit) callback();
    for (const { frames } of flights)
      for (const { parts } of frames.values()) for (const part of parts) frameMemory.free(part);
  }
}
