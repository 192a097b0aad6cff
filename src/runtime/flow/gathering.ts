import type { DecodeFailure } from "../../decode/decoder.ts";
import type { Event } from "../../event.ts";
import type { Reading } from "../../plugin.ts";
import { batchEvents } from "./filling.ts";
import type { Admission } from "./flight.ts";
import type { Group } from "./group.ts";
import { type Draft, recordsIn } from "./whole-reading.ts";

/** A batch of more bytes than this waits for no further readings. */
const enough = 1024 * 1024;

/** Several readings in one batch. */
export interface Gathered {
  readonly events: Event[];
  /** How many records were passed over. */
  passed: number;
  /** Of each reading with records that cannot be decoded. */
  readonly failures: { readonly reading: Reading; readonly failures: readonly DecodeFailure[] }[];
  readonly settled: NonNullable<Admission["settled"]>[];
  readonly ingested: number;
  bytes: number;
}

export interface GatheringOptions {
  readonly group: Group;
  /** The host's timestamp, in milliseconds since 1970. */
  readonly stamp: () => number;
  readonly admit: (batch: Gathered) => void;
}

/**
 * Puts small readings that are streams by themselves, such as requests with one event, into one batch for each turn of the
 * event loop: a batch costs as much as several events. Each reading is still settled for itself. What is gathered is admitted
 * before anything else of its group is, so batches have the order in which readings were accepted, and timestamps do not run
 * backwards.
 */
export class Gathering {
  readonly #options: GatheringOptions;
  #batch: Gathered | undefined;
  #isPlanned = false;

  constructor(options: GatheringOptions) {
    this.#options = options;
  }

  /** The host's timestamp for the next reading: all of a batch have the same. */
  stamp(): number {
    return this.#batch?.ingested ?? this.#options.stamp();
  }

  /** Adds a whole reading, decoded at `ingested`. */
  add(reading: Reading, draft: Draft, ingested: number, settled: Admission["settled"]): void {
    const { group } = this.#options;
    if (this.#batch && this.#batch.events.length + recordsIn(draft) > batchEvents) group.admitGathered();
    this.#batch ??= { events: [], passed: 0, failures: [], settled: [], ingested, bytes: 0 };
    const batch = this.#batch;
    for (const event of draft.events) batch.events.push(event);
    batch.passed += draft.passed;
    if (draft.failures.length > 0) batch.failures.push({ reading, failures: draft.failures });
    if (settled) batch.settled.push(settled);
    batch.bytes += draft.bytes;
    group.gather(this.#admit, draft.bytes);
    if (batch.bytes >= enough) group.admitGathered();
    else if (!this.#isPlanned) this.#plan();
  }

  #plan(): void {
    this.#isPlanned = true;
    setImmediate(() => {
      this.#isPlanned = false;
      if (this.#batch) this.#options.group.admitGathered();
    });
  }

  readonly #admit = (): void => {
    const batch = this.#batch!;
    this.#batch = undefined;
    this.#options.admit(batch);
  };
}
