import { backoff } from "../../../backoff.ts";
import type { Clock } from "../../../clock.ts";
import type { Log } from "../../../context.ts";
import type { Event } from "../../../event.ts";
import type { Ledger } from "../../../telemetry/ledger.ts";
import { textOf } from "../../../transform/reject.ts";
import type { Keeper } from "../../../transform/transform.ts";
import type { Part } from "../gate.ts";

export interface AheadOptions {
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Log;
  /** Aborts when the component is stopped: nothing that waits is run then. */
  readonly signal: AbortSignal;
  readonly get: NonNullable<Keeper["ahead"]>;
  /** Runs a batch whose events have what they need. */
  readonly run: (part: Part) => void;
}

/** The most events in one call, unless a single batch has more. */
const mostEvents = 1_000;
/** The limits of the waits between attempts, in milliseconds. */
const waits = { initial: 250, max: 5_000 };

/** Batches of a transform that need something from elsewhere. They wait for it, and run in their order. */
export class Ahead {
  readonly #with: AheadOptions;
  #waiting: Part[] = [];
  #isBusy = false;
  #trouble: string | undefined;

  constructor(options: AheadOptions) {
    this.#with = options;
  }

  /** Why the last attempt failed, while nothing has succeeded since. */
  get trouble(): string | undefined {
    return this.#trouble;
  }

  /** Rejects if running a batch throws. */
  async add(part: Part): Promise<void> {
    this.#waiting.push(part);
    if (this.#isBusy) return;
    this.#isBusy = true;
    const { run, signal } = this.#with;
    for (let parts = this.#take(); parts.length > 0; parts = this.#take()) {
      const events = parts.flatMap((each) => each.events);
      if (events.length > 0) await this.#get(events);
      for (const each of parts) {
        // Batches that are abandoned will be read again.
        if (signal.aborted) return;
        run(each);
      }
    }
    this.#isBusy = false;
  }

  /** As many batches as fit into one call, at least one. */
  #take(): readonly Part[] {
    let events = 0;
    const over = this.#waiting.findIndex((part, index) => {
      events += part.events.length;
      return index > 0 && events > mostEvents;
    });
    return this.#waiting.splice(0, over < 0 ? this.#waiting.length : over);
  }

  /** Resolves when the events have what they need, or the component is stopped. */
  async #get(events: readonly Event[]): Promise<void> {
    const { get, clock, random, signal, ledger, log } = this.#with;
    const since = clock.monotonic();
    for (let failures = 1; !signal.aborted; failures++) {
      try {
        await get(events, signal);
        if (this.#trouble !== undefined)
          log.info(`answered again after ${Math.round((clock.monotonic() - since) / 1000)} s: events go on`);
        this.#trouble = undefined;
        return;
      } catch (error) {
        if (signal.aborted) return;
        ledger.retry("failed");
        const text = textOf(error);
        if (this.#trouble === undefined)
          log.warn(`${text}; events wait, and it is tried again until there is an answer`);
        this.#trouble = text;
        await clock.sleep(backoff(failures, waits, { random }), signal);
      }
    }
  }
}
