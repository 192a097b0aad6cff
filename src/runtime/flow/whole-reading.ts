import { setImmediate as nextTurn } from "node:timers/promises";
import type { DecodeFailure, Decoder } from "../../decode/decoder.ts";
import type { Event } from "../../event.ts";
import type { Reading } from "../../plugin.ts";

/** How long to decode in one turn of the event loop, in milliseconds. */
const turn = 10;
/** After this many steps, look at the clock. */
const stepsPerLook = 16;
/** What a record takes in memory besides its bytes. Without it, tiny records would take far more than the budget. */
export const recordCost = 256;
/** The most records of one reading that go to the dead letter one by one. */
const mostFailures = 1000;

/** A batch while it is filled. */
export interface Draft {
  readonly events: Event[];
  readonly failures: DecodeFailure[];
  /** How many records were passed over. */
  passed: number;
  bytes: number;
}

export const newDraft = (): Draft => ({ events: [], failures: [], passed: 0, bytes: 0 });

/** The size of a draft, in records. */
export const recordsIn = ({ events, failures }: Draft): number => events.length + failures.length;

export interface WholeReadingOptions {
  readonly reading: Reading;
  readonly decoder: Decoder;
  /** The largest number of records in a batch. */
  readonly batchRecords: number;
  /** The host's timestamp for what is decoded next, in milliseconds since 1970. */
  readonly stamp: () => number;
  readonly admit: (draft: Draft, ingested: number, settled?: Reading["settled"]) => void;
  /** Whether there is room for another batch, and whether the group still accepts batches. */
  readonly state: () => { readonly hasRoom: boolean; readonly isOpen: boolean };
  /** Resolves when the state may have changed. */
  readonly changed: () => Promise<void>;
  readonly fail: (error: unknown) => void;
}

/** Ends the decoding of a reading of which too much cannot be decoded. */
class TooManyFailures extends Error {
  readonly failure: DecodeFailure;

  constructor(failure: DecodeFailure) {
    super("too many failures");
    this.failure = failure;
  }
}

/**
 * Decodes a reading that is a stream by itself, such as a request. A large one takes several turns of the event loop, and
 * waits for room between its batches: a small compressed body can contain millions of records. The first turn runs within
 * the call, so that a reading of a usual size is admitted when it returns.
 */
export const takeWhole = (options: WholeReadingOptions): void => {
  const run = new WholeReading(options);
  if (!run.turn()) void run.finish().catch(options.fail);
};

class WholeReading {
  readonly #options: WholeReadingOptions;
  readonly #steps: Iterator<void>;
  #draft = newDraft();
  #ingested: number;
  #failures = 0;

  constructor(options: WholeReadingOptions) {
    this.#options = options;
    this.#ingested = options.stamp();
    const { decoder, reading } = options;
    const handlers = {
      event: (event: Event, bytes: number) => {
        this.#makeRoom();
        this.#draft.events.push(event);
        this.#draft.bytes += bytes + recordCost;
      },
      passed: (count: number) => {
        this.#draft.passed += count;
      },
      failure: (failure: DecodeFailure) => {
        if (++this.#failures > mostFailures) throw new TooManyFailures(failure);
        this.#makeRoom();
        this.#draft.failures.push(failure);
        this.#draft.bytes += failure.head.length + recordCost;
      },
    };
    this.#steps = decoder.whole(reading.bytes, reading.position, () => this.#ingested, handlers);
  }

  /** Decodes during one turn of the event loop. Returns whether the reading is finished. */
  turn(): boolean {
    const ends = performance.now() + turn;
    try {
      for (let step = 1; !this.#steps.next().done; step++) {
        if (step % stepsPerLook > 0) continue;
        if (performance.now() < ends && this.#options.state().hasRoom) continue;
        // What other sources admit before the next turn gets a later stamp.
        this.#flush();
        return false;
      }
      this.#end(this.#options.reading.settled);
    } catch (error) {
      if (!(error instanceof TooManyFailures)) throw error;
      this.#refuse(error.failure);
    }
    return true;
  }

  async finish(): Promise<void> {
    const { state, changed, stamp, reading } = this.#options;
    do {
      await nextTurn();
      while (state().isOpen && !state().hasRoom) await changed();
      if (!state().isOpen) return void reading.settled?.("abandoned");
      this.#ingested = stamp();
    } while (!this.turn());
  }

  #makeRoom(): void {
    if (recordsIn(this.#draft) >= this.#options.batchRecords) this.#flush();
  }

  #flush(): void {
    if (recordsIn(this.#draft) + this.#draft.passed === 0) return;
    this.#options.admit(this.#draft, this.#ingested);
    this.#draft = newDraft();
  }

  #end(settled: Reading["settled"]): void {
    if (recordsIn(this.#draft) + this.#draft.passed > 0 || settled)
      this.#options.admit(this.#draft, this.#ingested, settled);
  }

  /** Writes one dead letter for the rest of the reading, and settles the reading as refused. */
  #refuse({ position, head }: DecodeFailure): void {
    const { settled, bytes, position: start } = this.#options.reading;
    const rest = bytes.length - (position - start);
    const message = `${mostFailures} records before this one could not be decoded; the rest (${rest} bytes) was not read`;
    this.#draft.failures.push({ position, reason: "too_many_failures", message, head });
    this.#draft.bytes += head.length;
    this.#end(settled && ((outcome) => settled(outcome === "committed" ? "refused" : outcome)));
  }
}
