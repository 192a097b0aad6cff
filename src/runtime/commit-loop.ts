import type { Clock } from "../clock.ts";
import type { Log } from "../context.ts";
import type { CommitAnswer, CommitRequest } from "../storage/committer.ts";
import type { CommitWriter } from "../storage/writer.ts";
import { counted } from "../text.ts";
import { appendsOf, changesOf } from "./commit-request.ts";
import type { Outbox } from "./delivery/outbox.ts";
import type { Progressing } from "./delivery/sink-record.ts";
import type { Flight } from "./flow/flight.ts";
import type { Group } from "./flow/group.ts";
import { Waiters } from "./flow/waiters.ts";

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

/** The content of one commit. A retry sends the same request, without the delivered positions that were committed since. */
interface Frozen {
  readonly request: CommitRequest & { delivered: CommitRequest["delivered"] };
  readonly flights: readonly Flight[];
  readonly prefixes: ReadonlyMap<Group, readonly Flight[]>;
}

/** How long settled batches may stay uncommitted if nothing waits for them, in milliseconds. */
const linger = 100;
/** Time between attempts of a failed commit, in milliseconds. */
const retryAfter = 1000;

/**
 * Commits the longest settled prefix of every group, one commit at a time, as soon as something waits for it. No part of a
 * batch leaves the process before its commit has succeeded.
 */
export class CommitLoop {
  readonly #options: CommitLoopOptions;
  readonly #groups = new Set<Group>();
  readonly #alone: Flight[] = [];
  readonly #answered = new Waiters();
  readonly #stopping = new AbortController();
  #running: Promise<void> | undefined;
  #isPlanned = false;
  #isLingering = false;
  #commits = 0;
  #retries = 0;

  constructor(options: CommitLoopOptions) {
    this.#options = options;
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
    this.#groups.add(group);
  }

  /** Removes a group. Resolves when the current commit has ended; the group is in no later one. */
  async remove(group: Group): Promise<void> {
    this.#groups.delete(group);
    await this.#running;
  }

  /** Schedules a commit after batches were settled or delivered: at once if something waits for them, otherwise soon. */
  schedule(): void {
    if (this.#stopping.signal.aborted || this.#running || this.#isPlanned) return;
    if (this.#isUrgent()) this.#start();
    else if (!this.#isLingering) {
      this.#isLingering = true;
      void this.#options.clock.sleep(linger, this.#stopping.signal).then(() => {
        this.#isLingering = false;
        this.#start();
      });
    }
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
    this.#alone.push(flight);
    this.#start();
  }

  /** Commits what is settled now, without waiting for more. */
  commitNow(): void {
    if (this.#hasWork()) this.#start();
  }

  /** Resolves when everything settled or delivered is committed, or `signal` aborts. Use it after the sources have
   *  stopped. */
  async idle(signal: AbortSignal): Promise<void> {
    while (!this.#stopping.signal.aborted && !signal.aborted && (this.#running || this.#hasWork())) {
      this.#start();
      await this.#answered.wait(signal);
    }
  }

  /** Starts no further commit. Resolves when the current one has ended. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#answered.wake();
    await this.#running;
    for (const flight of this.#alone.splice(0)) flight.notify("abandoned");
  }

  /** Starts a commit in a new turn of the event loop, so that callers only enqueue. */
  #start(): void {
    if (this.#isPlanned || this.#running) return;
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      if (this.#stopping.signal.aborted || !this.#hasWork()) return;
      this.#running = this.#run();
      void this.#running.then(() => this.#next());
    });
  }

  #isUrgent(): boolean {
    return (
      this.#alone.length > 0 ||
      [...this.#groups].some((group) => {
        const prefix = group.settledPrefix();
        return (
          prefix.length > 0 &&
          (group.isHalfUsed || prefix.some(({ frames, admission }) => frames.size > 0 || admission.settled))
        );
      })
    );
  }

  #hasWork(): boolean {
    return (
      this.#alone.length > 0 ||
      [...this.#groups].some((group) => group.settledPrefix().length > 0) ||
      this.#dirty().length > 0
    );
  }

  #dirty(): Progressing[] {
    const { outboxes, records } = this.#options;
    return [...outboxes.values(), ...records.values()].filter(({ isDirty }) => isDirty);
  }

  async #run(): Promise<void> {
    const alone = [...this.#alone];
    try {
      const { clock, log } = this.#options;
      const since = clock.monotonic();
      const frozen = this.#freeze();
      const answer = await this.#commit(frozen);
      if (answer?.ok) this.#apply(frozen, answer);
      const took = Math.round(clock.monotonic() - since);
      log.debug(`commit of ${counted(frozen.flights.length, "batch", "batches")} took ${took} ms`);
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
    if (this.#hasWork()) this.schedule();
  }

  #freeze(): Frozen {
    const prefixes = new Map([...this.#groups].map((group) => [group, group.settledPrefix()]));
    const flights = [...this.#alone.splice(0), ...[...prefixes.values()].flat()];
    const delivered = this.#dirty().flatMap((one) => one.takeDelivered() ?? []);
    return { flights, prefixes, request: { ...changesOf(flights), appends: appendsOf(flights), delivered } };
  }

  /** Retries until the commit succeeds. Resolves to `undefined` if the loop was stopped between attempts. */
  async #commit({ request }: Frozen): Promise<CommitAnswer | undefined> {
    const { writer, clock, log, onTrouble } = this.#options;
    let isTroubled = false;
    while (!this.#stopping.signal.aborted) {
      const answer = await writer.commit(request);
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
      const recorded = await this.#commitDelivered();
      // A later delivered position is committed now: the retry must not set it back.
      request.delivered = request.delivered.filter(({ outbox }) => !recorded.has(outbox));
    }
    return undefined;
  }

  /**
   * Commits what was delivered or purged since the failed attempt, without the rest. This frees disk space, which may be all
   * that the failed commit needs. Returns the outboxes whose delivered position it committed.
   */
  async #commitDelivered(): Promise<ReadonlySet<string>> {
    const dirty = this.#dirty();
    const purges = this.#alone.filter(({ frames }) => frames.size === 0);
    if (dirty.length + purges.length === 0 || this.#stopping.signal.aborted) return new Set();
    const delivered = dirty.flatMap((one) => one.takeDelivered() ?? []);
    const answer = await this.#options.writer.commit({ ...changesOf(purges), appends: [], delivered });
    this.#commits++;
    if (!answer.ok) {
      for (const one of dirty) one.markDirty();
      return new Set();
    }
    for (const flight of purges) this.#alone.splice(this.#alone.indexOf(flight), 1)[0]?.notify("committed");
    return new Set(delivered.map(({ outbox }) => outbox));
  }

  /** Applies a commit in this order: state, sources, budgets, and then the sinks, which may deliver. */
  #apply({ flights, prefixes }: Frozen, { ends }: Extract<CommitAnswer, { ok: true }>): void {
    for (const flight of flights) {
      this.#options.onCommitted(flight);
      flight.notify("committed");
    }
    for (const [group, prefix] of prefixes) group.committed(prefix);
    for (const { outbox, end } of ends) this.#options.outboxes.get(outbox)?.committed(end);
    this.admit();
    for (const { afterCommit } of flights) for (const callback of afterCommit) callback();
  }
}
