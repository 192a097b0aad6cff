import type { OperatorFunction } from "rxjs";
import type { Batch } from "../../batch.ts";
import type { Clock } from "../../clock.ts";
import type { Log } from "../../context.ts";
import type { Event } from "../../event.ts";
import type { Data } from "../../json.ts";
import { parseJson } from "../../parse-json.ts";
import { freezeParsed } from "../../sound-data.ts";
import { checkCuts } from "../../transform/check-cuts.ts";

export interface CutWatchOptions {
  readonly outputs: readonly string[];
  readonly build: (signal: AbortSignal) => OperatorFunction<Batch, Batch>;
  readonly clock: Clock;
  readonly log: Log;
  readonly fail: (error: unknown) => void;
  /** Called when a check has ended. */
  readonly onIdle: () => void;
}

const frozen = (data: Data): Data => {
  freezeParsed(data);
  return data;
};

const maxEvents = 1000;
const maxBatches = 100;
const maxBytes = 4 * 1024 * 1024;
/** How long the operator may hold a batch while it is checked, in milliseconds. */
const patience = 30_000;

/**
 * Checks, while the run continues, that an operator does not depend on how batches are cut. It records the first events of
 * the component and runs the operator on them again, cut in other ways.
 */
export class CutWatch {
  readonly #options: CutWatchOptions;
  readonly #over = new AbortController();
  #recorded: Event[] = [];
  #batches = 0;
  #bytes = 0;
  #isRecording = true;
  #isBusy = false;

  constructor(options: CutWatchOptions) {
    this.#options = options;
  }

  /** Whether a check is running. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  take(events: readonly Event[]): void {
    if (!this.#isRecording || events.length === 0) return;
    this.#batches++;
    for (const event of events) {
      if (this.#recorded.length >= maxEvents || this.#bytes >= maxBytes) break;
      this.#record(event);
    }
    if (this.#recorded.length >= maxEvents || this.#batches >= maxBatches || this.#bytes >= maxBytes) this.finish();
  }

  /** Copies the event, so that the run can free the original. */
  #record({ data, meta }: Event): void {
    const text = JSON.stringify(data);
    this.#bytes += text.length;
    this.#recorded.push({ data: frozen(parseJson(text) as Data), meta });
  }

  /** Stops recording and starts the check, unless it has started already. */
  finish(): void {
    if (!this.#isRecording) return;
    this.#isRecording = false;
    const events = this.#recorded;
    this.#recorded = [];
    if (events.length > 0) void this.#check(events);
  }

  async #check(events: readonly Event[]): Promise<void> {
    const { outputs, build, log, fail, onIdle } = this.#options;
    this.#isBusy = true;
    const fault = await checkCuts({ events, outputs, build, wait: (work) => this.#wait(work) });
    this.#isBusy = false;
    if (this.#over.signal.aborted) return;
    if (fault !== undefined) fail(new Error(`--check-plugins: ${fault}`));
    else
      log.info(`--check-plugins: the result of ${events.length} events is the same however they are cut into batches`);
    onIdle();
  }

  async #wait(work: Promise<void>): Promise<boolean> {
    const done = new AbortController();
    const either = AbortSignal.any([done.signal, this.#over.signal]);
    try {
      const late = this.#options.clock.sleep(patience, either).then(() => false);
      const isDone = await Promise.race([work.then(() => true), late]);
      // Let the run continue first.
      await new Promise((resolve) => setImmediate(resolve));
      return isDone;
    } finally {
      done.abort();
    }
  }

  close(): void {
    this.#isRecording = false;
    this.#recorded = [];
    this.#over.abort();
  }
}
