import type { Token } from "../../batch.ts";
import type { CheckpointChange, DeadLetterChange, KeeperChange } from "../../storage/database.ts";

export interface StateWrite {
  /** `undefined`: the entry is deleted. */
  readonly value: string | undefined;
  readonly expires: number | undefined;
}

/** What a source wants made true with a batch. */
export interface Admission {
  readonly checkpoint: CheckpointChange | undefined;
  /** Input bytes, for the budget. */
  readonly bytes: number;
  readonly ingested: number;
  readonly settled: ((outcome: "committed" | "abandoned") => void) | undefined;
}

/** Time as a batch: see `Tick` in transform.ts. */
export interface TickTime {
  readonly now: number;
  readonly final: boolean;
  readonly idle: (component: string) => number;
}

/** Where frames go; they are appended to the outbox of this name. */
export interface FrameStore {
  readonly name: string;
}

/**
 * One batch on its way from its source to its commit: what every branch of it has handed over so far. It is settled
 * when no claim is open; its commit makes checkpoint, state and frames true together.
 */
export class Flight {
  readonly sequence: number;
  readonly admission: Admission;
  readonly tick: TickTime | undefined;
  readonly frames = new Map<FrameStore, { readonly parts: Buffer[]; events: number }>();
  readonly writes = new Map<string, Map<string, StateWrite>>();
  readonly sweeps = new Map<string, number>();
  /** What components with ticks have to remember, by component. */
  readonly keepers = new Map<string, KeeperChange>();
  /** What the commit makes of dead letters: those gone that came back with the batch. */
  readonly deadLetters: DeadLetterChange[] = [];
  /** Branches that have not yet handed over what becomes of their part. */
  open = 0;
  /** Every batch before it in its group is committed: only its own branches keep it from being so too. */
  isFirst = true;
  /** Done when the batch is committed, after its sources are told: for those who may see it only then. */
  readonly afterCommit: (() => void)[] = [];
  readonly #onGrow: (bytes: number) => void;
  #bytes: number;
  #isTold = false;

  /** `onGrow` is told by how much `bytes` grows, after the first. */
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

  /** Input, state writes and frames, for the budget. */
  get bytes(): number {
    return this.#bytes;
  }

  /** A tick of which nothing came: it needs no commit. */
  get isQuiet(): boolean {
    return (
      this.tick !== undefined &&
      this.frames.size + this.writes.size + this.sweeps.size + this.keepers.size + this.afterCommit.length === 0
    );
  }

  grow(bytes: number): void {
    this.#bytes += bytes;
    this.#onGrow(bytes);
  }

  /** Tells its source, once: what is told first stands. */
  tell(outcome: "committed" | "abandoned"): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.admission.settled?.(outcome);
  }
}

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
