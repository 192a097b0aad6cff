import type { Clock } from "../clock.ts";
import type { Log } from "../context.ts";
import type { CommitAnswer, CommitRequest } from "../storage/committer.ts";
import type { CheckpointChange, KeeperChange, StateChange } from "../storage/database.ts";
import type { CommitWriter } from "../storage/writer.ts";
import type { Outbox } from "./delivery/outbox.ts";
import type { Flight } from "./flow/flight.ts";
import type { Group } from "./flow/group.ts";
import { Waiters } from "./flow/waiters.ts";

export interface CommitLoopOptions {
  readonly writer: CommitWriter;
  readonly outboxes: ReadonlyMap<string, Outbox>;
  /** Told of each batch that is committed, before its source. */
  readonly onCommitted: (flight: Flight) => void;
  readonly clock: Clock;
  readonly log: Log;
  /** A commit was answered: what waits for progress may look again. */
  readonly onAnswer: () => void;
  /** Commits do not go through, and why; `undefined` when they do again. */
  readonly onTrouble: (message: string | undefined) => void;
  readonly fail: (error: unknown) => void;
}

/** What one commit is made of, frozen: a retry sends the same again. */
interface Frozen {
  readonly request: CommitRequest;
  readonly flights: readonly Flight[];
  readonly prefixes: ReadonlyMap<Group, readonly Flight[]>;
}

/** How long settled batches that nobody waits for may go uncommitted, in milliseconds. */
const linger = 100;
/** Between attempts of a commit that did not go through, in milliseconds. */
const retryAfter = 1000;

/**
 * One commit at a time: the longest settled prefix of every group, as soon as somebody waits for it. Nothing of a batch
 * leaves the process before its commit has answered.
 */
export class CommitLoop {
  readonly #options: CommitLoopOptions;
  readonly #groups = new Set<Group>();
  readonly #aside: Flight[] = [];
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

  /** Commits what is settled in this group from now on. */
  add(group: Group): void {
    this.#groups.add(group);
  }

  /** Commits nothing more of this group; resolves when the commit under way is over. */
  async remove(group: Group): Promise<void> {
    this.#groups.delete(group);
    await this.#running;
  }

  /** Something is settled or delivered: commit now if somebody waits for it, else soon. */
  poke(): void {
    if (this.#stopping.signal.aborted || this.#running || this.#isPlanned) return;
    if (this.#isUrgent()) this.#plan();
    else if (!this.#isLingering) {
      this.#isLingering = true;
      void this.#options.clock.sleep(linger, this.#stopping.signal).then(() => {
        this.#isLingering = false;
        this.#plan();
      });
    }
  }

  /** Lets batches into the outboxes that may go in now, since one before them is gone. */
  admit(): void {
    for (const outbox of this.#options.outboxes.values()) outbox.admit();
  }

  /** Commits frames that belong to no order of batches; whoever waits is told through the flight's admission. */
  aside(flight: Flight): void {
    if (this.#stopping.signal.aborted) {
      flight.tell("abandoned");
      return;
    }
    this.#aside.push(flight);
    this.#plan();
  }

  /** What is settled now is committed without waiting for more. */
  hurry(): void {
    if (this.#hasWork()) this.#plan();
  }

  /** Resolves when everything settled and delivered is committed, or `signal` aborts; for the time after the sources
   *  have stopped. */
  async idle(signal: AbortSignal): Promise<void> {
    while (!this.#stopping.signal.aborted && !signal.aborted && (this.#running || this.#hasWork())) {
      this.#plan();
      await this.#answered.wait(signal);
    }
  }

  /** Begins no further commit, and resolves when the one under way is over. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#answered.wake();
    await this.#running;
    for (const flight of this.#aside.splice(0)) flight.tell("abandoned");
  }

  /** In a turn of its own: acks only enqueue. */
  #plan(): void {
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
      this.#aside.length > 0 ||
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
    const { outboxes } = this.#options;
    return (
      this.#aside.length > 0 ||
      [...this.#groups].some((group) => group.settledPrefix().length > 0) ||
      [...outboxes.values()].some((outbox) => outbox.isDirty)
    );
  }

  async #run(): Promise<void> {
    const aside = [...this.#aside];
    try {
      const frozen = this.#freeze();
      const answer = await this.#commit(frozen);
      if (answer?.ok) this.#apply(frozen, answer);
    } catch (error) {
      this.#options.fail(error);
    }
    // Those of a group are told by the group; what is told first stands.
    for (const flight of aside) flight.tell("abandoned");
  }

  #next(): void {
    this.#running = undefined;
    this.#options.onAnswer();
    this.#answered.wake();
    if (this.#hasWork()) this.poke();
  }

  #freeze(): Frozen {
    const { outboxes } = this.#options;
    const prefixes = new Map([...this.#groups].map((group) => [group, group.settledPrefix()]));
    const flights = [...this.#aside.splice(0), ...[...prefixes.values()].flat()];
    const delivered = [...outboxes.values()].flatMap((outbox) => outbox.takeDelivered() ?? []);
    return { flights, prefixes, request: { ...changesOf(flights), appends: appendsOf(flights), delivered } };
  }

  /** The answer; `undefined` when the loop was stopped between attempts. */
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
      await this.#commitDelivered();
    }
    return undefined;
  }

  /** What was delivered or purged meanwhile, by itself: it frees room, which may be all that the commit is waiting for. */
  async #commitDelivered(): Promise<void> {
    const outboxes = [...this.#options.outboxes.values()].filter((outbox) => outbox.isDirty);
    const purges = this.#aside.filter(({ frames }) => frames.size === 0);
    if (outboxes.length + purges.length === 0 || this.#stopping.signal.aborted) return;
    const delivered = outboxes.flatMap((outbox) => outbox.takeDelivered() ?? []);
    const answer = await this.#options.writer.commit({ ...changesOf(purges), appends: [], delivered });
    this.#commits++;
    if (!answer.ok) for (const outbox of outboxes) outbox.markDirty();
    else for (const flight of purges) this.#aside.splice(this.#aside.indexOf(flight), 1)[0]?.tell("committed");
  }

  /** Told in this order: state, sources, budgets, then the sinks may deliver. */
  #apply({ flights, prefixes }: Frozen, { ends }: Extract<CommitAnswer, { ok: true }>): void {
    for (const flight of flights) {
      this.#options.onCommitted(flight);
      flight.tell("committed");
    }
    for (const [group, prefix] of prefixes) group.committed(prefix);
    for (const { outbox, end } of ends) this.#options.outboxes.get(outbox)?.committed(end);
    this.admit();
    for (const { afterCommit } of flights) for (const hand of afterCommit) hand();
  }
}

/** Per key, the last value within the prefix; never one of a later batch. */
export const changesOf = (flights: readonly Flight[]) => {
  const checkpoints = new Map<string, CheckpointChange>();
  const state = new Map<string, StateChange>();
  const sweeps = new Map<string, number>();
  const keepers = new Map<string, KeeperChange>();
  let ingested = 0;
  for (const { admission, writes, sweeps: swept, keepers: kept } of flights) {
    const { checkpoint } = admission;
    if (checkpoint) checkpoints.set(`${checkpoint.source}\n${checkpoint.stream}`, checkpoint);
    for (const [component, entries] of writes)
      for (const [key, { value, expires }] of entries)
        state.set(`${component}\n${key}`, { component, key, value, expires });
    for (const [component, before] of swept) sweeps.set(component, Math.max(before, sweeps.get(component) ?? before));
    for (const [component, keeper] of kept) keepers.set(component, keeper);
    ingested = Math.max(ingested, admission.ingested);
  }
  return {
    checkpoints: [...checkpoints.values()],
    state: [...state.values()],
    sweeps: [...sweeps].map(([component, before]) => ({ component, before })),
    keepers: [...keepers.values()],
    ingested,
    deadLetters: flights.flatMap(({ deadLetters }) => deadLetters),
  };
};

const appendsOf = (flights: readonly Flight[]) => {
  const parts = new Map<string, Buffer[]>();
  for (const { frames } of flights)
    for (const [{ name }, held] of frames) {
      const collected = parts.get(name) ?? [];
      parts.set(name, collected);
      collected.push(...held.parts);
    }
  return [...parts].map(([outbox, buffers]) => ({ outbox, bytes: new Uint8Array(Buffer.concat(buffers)) }));
};
