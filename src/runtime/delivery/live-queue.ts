import type { Clock } from "../../clock.ts";
import { type Event, NotJson } from "../../event.ts";
import type { Log, Writer } from "../../plugin.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import type { Delivering } from "../../topology/topology.ts";
import { notJsonData } from "../dead-letters/dead-letters.ts";
import { Waiters } from "../flow/waiters.ts";
import { attempt } from "./attempt.ts";
import type { SinkRecord } from "./sink-record.ts";
import { linesOf, StoredEvent } from "./stored-event.ts";

export interface LiveQueueOptions extends Pick<Delivering, "batch" | "timeout"> {
  /** Id of the sink. */
  readonly component: string;
  /** The largest size of the queue, in bytes. Events that do not fit are dropped. */
  readonly maxSize: number;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Log;
  readonly signal: AbortSignal;
  readonly record: SinkRecord;
  /** Called when the receiver has gone for good. */
  readonly onGone: (message: string) => void;
}

/**
 * The queue in memory of a sink with `required: false`. It holds committed events and writes each of them once. Events that
 * do not fit or are not accepted are dropped and counted.
 */
export class LiveQueue {
  readonly #options: LiveQueueOptions;
  readonly #filled = new Waiters();
  #waiting: StoredEvent[] = [];
  #bytes = 0;
  #writing = 0;

  constructor(options: LiveQueueOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting.length === 0 && this.#writing === 0;
  }

  /** How many events wait or are being written. */
  get events(): number {
    return this.#waiting.length + this.#writing;
  }

  get storedBytes(): number {
    return this.#bytes;
  }

  /** Takes out what waits, for the queue that replaces this one. */
  takeAll(): readonly StoredEvent[] {
    this.#bytes = 0;
    return this.#waiting.splice(0);
  }

  /** Puts back what waited in the queue that this one replaces. */
  putAll(events: readonly StoredEvent[]): void {
    for (const event of events) {
      this.#waiting.push(event);
      this.#bytes += event.json.length;
    }
  }

  /** Drops and counts what waits: its sink is gone. */
  dropAll(): void {
    this.#drop("not_delivered", this.takeAll().length);
  }

  /** Queues the events of a committed batch. */
  push(events: readonly Event[]): void {
    let dropped = 0;
    let refused = 0;
    for (const event of events) {
      const lines = linesOf(event);
      if (lines instanceof NotJson) refused++;
      else if (this.#bytes + lines.data.length > this.#options.maxSize) dropped++;
      else {
        this.#waiting.push(new StoredEvent(lines));
        this.#bytes += lines.data.length;
      }
    }
    this.#drop("queue_full", dropped);
    this.#drop(notJsonData, refused);
    this.#filled.wake();
  }

  /** Writes events until `signal` aborts. */
  async run(writer: Writer, onMoved: () => void): Promise<void> {
    const { signal, batch, ledger, log } = this.#options;
    while (!signal.aborted) {
      if (this.#waiting.length === 0) await this.#filled.wait(signal);
      if (signal.aborted) return;
      const events = this.#take(batch.maxEvents, batch.maxSize);
      this.#writing = events.length;
      const { failed, record, isGone } = await attempt(events, { ...this.#options, writer });
      if (record !== undefined) this.#options.record.keep(record);
      this.#writing = 0;
      ledger.inFlight -= events.length - failed.length;
      ledger.sent += events.length - failed.length;
      this.#drop("not_delivered", failed.length);
      if (isGone) this.#options.onGone(failed[0]!.message);
      else if (failed[0])
        log.warn(`dropped ${failed.length} of ${events.length} events that were not delivered: ${failed[0].message}`);
      onMoved();
    }
  }

  #take(maxEvents: number, maxSize: number): readonly StoredEvent[] {
    let count = 0;
    let size = 0;
    while (count < this.#waiting.length && count < maxEvents) {
      const { length } = this.#waiting[count]!.json;
      if (count > 0 && size + length > maxSize) break;
      size += length;
      count++;
    }
    this.#bytes -= size;
    const taken = this.#waiting.slice(0, count);
    this.#waiting = this.#waiting.slice(count);
    return taken;
  }

  #drop(reason: string, count: number): void {
    if (count === 0) return;
    this.#options.ledger.inFlight -= count;
    this.#options.ledger.drop(reason, count);
  }
}
