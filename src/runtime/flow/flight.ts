import type { Token } from "../../batch.ts";
import type { CheckpointChange, DeadLetterChange, KeeperChange } from "../../storage/database.ts";

export interface StateWrite {
  /** `undefined`: the entry is deleted. */
  readonly value: string | undefined;
  readonly expires: number | undefined;
}

/** What is committed together with a batch on behalf of its source, and whom to notify. */
export interface Admission {
  readonly checkpoint: CheckpointChange | undefined;
  /** Bytes of input, counted against the group's budget. */
  readonly bytes: number;
  readonly ingested: number;
  readonly settled: ((outcome: "committed" | "abandoned") => void) | undefined;
}

/** The time of a tick: see `Tick` in transform.ts. */
export interface TickTime {
  readonly now: number;
  readonly final: boolean;
  readonly idle: (component: string) => number;
}

/** The outbox, by name, to which frames are appended. */
export interface FrameStore {
  readonly name: string;
}

/**
 * One batch on its way from its source to its commit, with the results of its branches so far. It is settled when no branch
 * is open. Its commit makes checkpoint, state writes and frames durable together.
 */
export class Flight {
  readonly sequence: number;
  readonly admission: Admission;
  readonly tick: TickTime | undefined;
  readonly frames = new Map<FrameStore, { readonly parts: Buffer[]; events: number }>();
  readonly writes = new Map<string, Map<string, StateWrite>>();
  readonly sweeps = new Map<string, number>();
  /** What to store for components with ticks, by component. */
  readonly keepers = new Map<string, KeeperChange>();
  /** Bytes of the state of each component after this batch; `undefined` if they are not counted. */
  readonly sizes = new Map<string, number | undefined>();
  /** Changes of dead letters in the same commit, such as removing those that are replayed in this batch. */
  readonly deadLetters: DeadLetterChange[] = [];
  /** Components that are forgotten in the same commit: see `Changes.forget`. */
  forgets: readonly string[] | undefined;
  /** Number of branches that have not finished yet. */
  open = 0;
  /** Whether all earlier batches of the group are committed, so that it waits for its own branches only. */
  isFirst = true;
  /** Called after the commit, when the source has been notified. */
  readonly afterCommit: (() => void)[] = [];
  readonly #onGrow: (bytes: number) => void;
  #bytes: number;
  #isNotified = false;

  /** `onGrow` is called with the number of bytes by which the batch grows later. */
  constructor(
    sequence: number,
    admission: Admission,
    onGrow: (bytes: number) => void = () => undefined,
    tick?: TickTime,
  ) {
    this.sequence = sequence;
    this.admission = admission;
    this.tick = tick;
    this.#bytes = admission.bytes;
    this.#onGrow = onGrow;
  }

  /** How many keys of state it writes. */
  get writeCount(): number {
    let count = 0;
    for (const entries of this.writes.values()) count += entries.size;
    return count;
  }

  /** Bytes of input, state writes and frames, counted against the group's budget. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Whether it leaves nothing to store and nothing to deliver: then it needs no commit. */
  get isQuiet(): boolean {
    return (
      this.admission.checkpoint === undefined &&
      this.frames.size + this.writes.size + this.sweeps.size + this.keepers.size === 0 &&
      this.deadLetters.length + this.afterCommit.length === 0 &&
      this.forgets === undefined
    );
  }

  grow(bytes: number): void {
    this.#bytes += bytes;
    this.#onGrow(bytes);
  }

  /** Notifies the source of the result. Only the first call has an effect. */
  notify(outcome: "committed" | "abandoned"): void {
    if (this.#isNotified) return;
    this.#isNotified = true;
    this.admission.settled?.(outcome);
  }
}

/** Resolves when `commit` has committed a flight that belongs to no group; rejects if that will not happen any more. */
export const committed = (commit: (flight: Flight) => void): Promise<void> =>
  new Promise((resolve, reject) => {
    const settled = (outcome: "committed" | "abandoned") =>
      outcome === "committed" ? resolve() : reject(new Error("weir stops, and makes no more commits"));
    commit(new Flight(0, { checkpoint: undefined, bytes: 0, ingested: 0, settled }));
  });

/** A component's single-use right to send a batch on. */
export class Claim implements Token {
  readonly flight: Flight;
  readonly component: string;
  spent = false;

  constructor(flight: Flight, component: string) {
    this.flight = flight;
    this.component = component;
  }

  get batch(): number {
    return this.flight.sequence;
  }
}
