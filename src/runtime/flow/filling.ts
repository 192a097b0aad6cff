import type { DecodeFailure, RecordHandlers } from "../../decode/decoder.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import { type Draft, newDraft, recordCost, recordsIn } from "./whole-reading.ts";

/** The largest number of events in a batch. */
export const batchEvents = 256;

/** Puts what a decoder passes on of a part into a draft. */
export const handlersOf = (
  draft: Draft,
  part: NonNullable<DecodeFailure["part"]>,
  zeros: (count: number) => void,
): RecordHandlers => ({
  event: (event, bytes) => {
    draft.events.push(event);
    draft.bytes += bytes + recordCost;
  },
  failure: (failure) => {
    draft.failures.push({ ...failure, part });
    draft.bytes += failure.head.length + recordCost;
  },
  passed: (count) => {
    draft.passed += count;
  },
  zeros,
});

/** Collects what a decoder passes on. */
export class Filling {
  /** What is not admitted yet. */
  draft: Draft = newDraft();
  readonly handlers: RecordHandlers;

  /**
   * `admit` is called with a full batch when the next record comes, which is at `position`: its checkpoint is the place
   * before that record.
   */
  constructor(ledger: Ledger, admit: (draft: Draft, position: number) => void) {
    const makeRoom = (position: number) => {
      if (recordsIn(this.draft) < batchEvents) return;
      admit(this.draft, position);
      this.draft = newDraft();
    };
    this.handlers = {
      event: (event, bytes) => {
        makeRoom(event.meta.position);
        this.draft.events.push(event);
        this.draft.bytes += bytes + recordCost;
      },
      failure: (failure) => {
        makeRoom(failure.position);
        this.draft.failures.push(failure);
        this.draft.bytes += failure.head.length + recordCost;
      },
      passed: (count) => {
        this.draft.passed += count;
      },
      zeros: (count) => ledger.note("zero_bytes", count),
    };
  }

  get isEmpty(): boolean {
    return recordsIn(this.draft) + this.draft.passed === 0;
  }
}
