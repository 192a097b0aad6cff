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
  /** Queues of sinks whose group was stopped, until their successors take what waits in them. */
  readonly #left = new Map<string, LiveQueue>();
  /** What was saved of these sinks at the start no longer counts. */
  readonly #forgotten = new Set<string>();

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
    queue.putAll(this.#left.get(id)?.takeAll() ?? []);
    this.#stores.set(id, queue);
    return queue;
  }

  /** The record of a sink without an outbox on disk. */
  record(id: string): SinkRecord {
    const { records } = this.#options;
    // The sink may have had an outbox before, which has moved on since the start.
    const record = records.get(id) ?? new SinkRecord(id, this.outboxes.get(id) ?? this.#saved(id).delivered);
    records.set(id, record);
    return record;
  }

  #outbox(name: string, maxSize: number): Outbox {
    const { records, ledgers } = this.#options;
    const outbox = this.outboxes.get(name) ?? this.#makeOutbox(name, maxSize, ledgers.get(name)!);
    outbox.resize(maxSize);
    // The sink may have had none before.
    const record = records.get(name)?.record;
    records.delete(name);
    if (record !== undefined) outbox.keep(record);
    return outbox;
  }

  #saved(id: string) {
    const { ends, delivered } = this.#options.data.saved;
    const isForgotten = this.#forgotten.has(id);
    return { end: isForgotten ? undefined : ends.get(id), delivered: isForgotten ? undefined : delivered.get(id) };
  }

  #makeOutbox(name: string, maxSize: number, ledger: Ledger, onFull?: (full: boolean) => void): Outbox {
    const log = this.#options.log(name);
    const outbox: Outbox = new Outbox({
      name,
      maxSize,
      ledger,
      directory: outboxDirectory(this.#options.data.path, name),
      ...this.#saved(name),
      onFull:
        onFull ??
        ((full) =>
          full
            ? log.warn(
                `the outbox is full (${outbox.maxSize} bytes): new batches wait, and so do the sources that feed it`,
              )
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

  /** Ends the part of some sinks in a group. What the abandoned batches have in the stores is given back. */
  leave(ids: Iterable<string>, abandoned: readonly Flight[]): void {
    const flights = new Set(abandoned);
    const { ledgers } = this.#options;
    for (const [name, outbox] of this.outboxes) ledgers.get(name)?.giveBack(outbox.abandon(flights));
    for (const id of ids) {
      const [store, ledger] = [this.#stores.get(id), ledgers.get(id)!];
      if (store instanceof MemoryOutbox) ledger.giveBack(store.abandon(flights));
      if (store instanceof LiveQueue) {
        // Events get into this queue when their batch is committed; of an abandoned batch they are only counted.
        ledger.giveBack(ledger.inFlight - store.events);
        this.#left.set(id, store);
      }
      this.#stores.delete(id);
    }
  }

  /** Drops what waits in memory for sinks that have left the topology. */
  dropLeft(): void {
    for (const queue of this.#left.values()) queue.dropAll();
    this.#left.clear();
  }

  /** Forgets the outbox and the record of a sink that does not run. */
  async forget(id: string): Promise<void> {
    this.#forgotten.add(id);
    this.#recovered.delete(id);
    this.#options.records.delete(id);
    const outbox = this.outboxes.get(id);
    this.outboxes.delete(id);
    await outbox?.close();
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
