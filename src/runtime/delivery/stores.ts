import type { Clock } from "../../clock.ts";
import type { Log } from "../../context.ts";
import { outboxDirectory } from "../../storage/segments.ts";
import { Ledger } from "../../telemetry/ledger.ts";
import type { SinkComponent } from "../../topology/topology.ts";
import type { DataDir } from "../data-dir.ts";
import { deadLetterOutbox } from "../dead-letters/dead-letters.ts";
import type { Flight } from "../flow/flight.ts";
import { LiveQueue } from "./live-queue.ts";
import { MemoryOutbox } from "./memory-outbox.ts";
import { Outbox } from "./outbox.ts";
import { SinkRecord } from "./sink-record.ts";

export interface StoresOptions {
  readonly data: DataDir;
  readonly clock: Clock;
  readonly log: (component: string) => Log;
  readonly ledgers: ReadonlyMap<string, Ledger>;
  /** Quota of the dead letter, in bytes. */
  readonly deadLetterSize: number;
  /** Reports a problem with a part of weir, for readiness and status; `undefined` when it is resolved. */
  readonly onTrouble: (part: string, message: string | undefined) => void;
  /** The outboxes on disk by name. Those of the sinks are added to it. */
  readonly outboxes: Map<string, Outbox>;
  /** The records of sinks without an outbox on disk, by sink. They are added to it. */
  readonly records: Map<string, SinkRecord>;
}

/** What the live queue of a sink needs to know about its delivery. */
interface Live {
  readonly signal: AbortSignal;
  readonly onGone: (message: string) => void;
}

/** The undelivered events of each sink, on disk or in memory, and the dead letter. They outlive the groups. */
export class Stores {
  /** The outboxes on disk by name, including the dead letter. */
  readonly outboxes: Map<string, Outbox>;
  /** The outbox of the dead letter. */
  readonly letters: Outbox;
  readonly #options: StoresOptions;
  readonly #stores = new Map<string, Outbox | MemoryOutbox | LiveQueue>();
  readonly #recovered = new Set<string>();

  constructor(options: StoresOptions) {
    this.#options = options;
    this.outboxes = options.outboxes;
    this.letters = this.#makeOutbox(deadLetterOutbox, options.deadLetterSize, new Ledger(), (full) =>
      this.#reportFull(full),
    );
  }

  /** The store of a sink that was made last. */
  of(id: string): Outbox | MemoryOutbox | LiveQueue {
    return this.#stores.get(id)!;
  }

  /** The outbox of a required sink. One on disk outlives its group; the next group continues with it. */
  outbox({ id, host }: SinkComponent): Outbox | MemoryOutbox {
    const { maxSize, type } = host.buffer;
    const store = type === "memory" ? new MemoryOutbox(id, this.record(id)) : this.#outbox(id, maxSize);
    this.#stores.set(id, store);
    return store;
  }

  /** A new queue for a sink with `required: false`. */
  liveQueue({ id, host }: SinkComponent, live: Live): LiveQueue {
    const { ledgers, clock, log } = this.#options;
    const queue = new LiveQueue({
      ...host,
      ...live,
      component: id,
      maxSize: host.buffer.maxSize,
      ledger: ledgers.get(id)!,
      clock,
      log: log(id),
      record: this.record(id),
    });
    this.#stores.set(id, queue);
    return queue;
  }

  /** The record of a sink without an outbox on disk. */
  record(id: string): SinkRecord {
    const { records, data } = this.#options;
    const record = records.get(id) ?? new SinkRecord(id, data.saved.delivered.get(id));
    records.set(id, record);
    return record;
  }

  #outbox(name: string, maxSize: number): Outbox {
    const known = this.outboxes.get(name);
    known?.resize(maxSize);
    return known ?? this.#makeOutbox(name, maxSize, this.#options.ledgers.get(name)!);
  }

  #makeOutbox(name: string, maxSize: number, ledger: Ledger, onFull?: (full: boolean) => void): Outbox {
    const { saved, path } = this.#options.data;
    const log = this.#options.log(name);
    const outbox = new Outbox({
      name,
      maxSize,
      ledger,
      directory: outboxDirectory(path, name),
      end: saved.ends.get(name),
      delivered: saved.delivered.get(name),
      onFull:
        onFull ??
        ((full) =>
          full
            ? log.warn(`the outbox is full (${maxSize} bytes): new batches wait, and so do the sources that feed it`)
            : log.info("the outbox has room again")),
    });
    this.outboxes.set(name, outbox);
    return outbox;
  }

  #reportFull(isFull: boolean): void {
    const { log, onTrouble, deadLetterSize } = this.#options;
    const full = `the dead letter is full (${deadLetterSize} bytes): rejected events wait until dead letters are purged or replayed`;
    onTrouble(deadLetterOutbox, isFull ? full : undefined);
    if (isFull) log(deadLetterOutbox).warn(`${full}, and the events behind them wait too`);
    else log(deadLetterOutbox).info("the dead letter has room again");
  }

  /** Counts the events that an earlier run left undelivered as in flight, once. */
  async recover({ id }: SinkComponent): Promise<void> {
    const ledger = this.#options.ledgers.get(id)!;
    const outbox = this.outboxes.get(id);
    if (!outbox || this.#recovered.has(id)) return;
    this.#recovered.add(id);
    const gone = this.#options.data.gone.filter(({ outbox }) => outbox === id);
    if (gone.length > 0) ledger.note("segment_gone", gone.length);
    const left = await outbox.countLeft();
    ledger.created += left;
    ledger.inFlight += left;
  }

  /** Removes abandoned batches from all outboxes. */
  abandon(flights: readonly Flight[]): void {
    const left = new Set(flights);
    for (const [name, outbox] of this.outboxes) this.#options.ledgers.get(name)?.giveBack(outbox.abandon(left));
  }

  /** The receiver of a sink has gone: what is in flight to it has room now, so that it can be committed without a delivery. */
  lift(id: string): void {
    this.outboxes.get(id)?.resize(Number.POSITIVE_INFINITY);
  }

  /** Undelivered bytes by name. */
  storedBytes(): Readonly<Record<string, number>> {
    const all = [...this.outboxes, ...this.#stores];
    return Object.fromEntries(all.map(([name, store]) => [name, store.storedBytes]));
  }

  /** Whether everything is delivered, except for the sinks `except`. */
  isEmpty(except: ReadonlySet<string>): boolean {
    return [...this.#stores].every(([id, store]) => store.isEmpty || except.has(id));
  }

  async close(): Promise<void> {
    for (const outbox of this.outboxes.values()) await outbox.close();
  }
}
