import type { Clock } from "../../clock.ts";
import type { Context, Log } from "../../context.ts";
import type { Json } from "../../json.ts";
import { outboxDirectory } from "../../storage/segments.ts";
import { Ledger } from "../../telemetry/ledger.ts";
import type { SinkComponent } from "../../topology/topology.ts";
import type { CommitLoop } from "../commit-loop.ts";
import type { DataDir } from "../data-dir.ts";
import { DeadLetters, deadLetterOutbox } from "../dead-letters/dead-letters.ts";
import { committed, type Flight } from "../flow/flight.ts";
import type { Group } from "../flow/group.ts";
import type { Receiver } from "../flow/outlets.ts";
import { deliver, type Letter } from "./delivery.ts";
import { LiveQueue } from "./live-queue.ts";
import { MemoryOutbox } from "./memory-outbox.ts";
import { checkHealth, openSink } from "./open-sink.ts";
import { Outbox } from "./outbox.ts";
import { overflowOf } from "./overflow.ts";
import { LiveNode, type Reject, SinkNode } from "./sink-node.ts";
import { SinkRecord } from "./sink-record.ts";

export interface SinksOptions {
  readonly data: DataDir;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: (component: string) => Log;
  readonly ledgers: ReadonlyMap<string, Ledger>;
  /** Quota of the dead letter, in bytes. */
  readonly deadLetterSize: number;
  readonly contextOf: (component: SinkComponent, signal: AbortSignal) => Context<never>;
  /** Called when events were delivered. */
  readonly onMoved: () => void;
  /** Reports a problem with a part of weir, for readiness and status; `undefined` when it is resolved. */
  readonly onTrouble: (part: string, message: string | undefined) => void;
  /** Called when the receiver of a sink has gone for good. */
  readonly onGone: (component: string, message: string) => void;
  /** The outboxes on disk by name. Those of the sinks are added to it. */
  readonly outboxes: Map<string, Outbox>;
  /** The records of sinks without an outbox on disk, by sink. They are added to it. */
  readonly records: Map<string, SinkRecord>;
  readonly commits: CommitLoop;
  /** Aborts when a component broke its contract. Nothing may leave the process after that. */
  readonly broken: AbortSignal;
}

/** The sinks of a run: their outboxes, their delivery, and the dead letter. */
export class Sinks {
  /** The outboxes on disk by name, including the dead letter. */
  readonly outboxes: Map<string, Outbox>;
  readonly letters: Outbox;
  readonly deadLetters: DeadLetters;
  readonly #options: SinksOptions;
  /** The undelivered events of each sink, on disk or in memory. */
  readonly #stores = new Map<string, Outbox | MemoryOutbox | LiveQueue>();
  readonly #delivering = new AbortController();
  readonly #signal: AbortSignal;
  /** The signal of the current delivery of each sink. */
  readonly #deliveries = new Map<string, AbortSignal>();
  readonly #recovered = new Set<string>();
  /** The sinks whose receivers have gone for good. */
  readonly #gone = new Set<string>();
  /** The sinks that are open. */
  readonly #open = new Set<string>();
  readonly #draining = new AbortController();

  constructor(options: SinksOptions) {
    this.#options = options;
    this.outboxes = options.outboxes;
    this.#signal = AbortSignal.any([this.#delivering.signal, options.broken]);
    this.letters = this.#makeOutbox(deadLetterOutbox, options.deadLetterSize, new Ledger(), (full) =>
      this.#reportFull(full),
    );
    this.deadLetters = new DeadLetters(this.letters, options.clock, options.log);
  }

  /** Aborts when delivery ends. */
  get signal(): AbortSignal {
    return this.#signal;
  }

  /** The node of the graph that receives the events of a sink. */
  receiver({ id, host }: SinkComponent, group: Group): Receiver {
    const { ledgers, clock, log } = this.#options;
    const ledger = ledgers.get(id)!;
    const { maxSize, type } = host.buffer;
    if (!host.required) {
      const queue = new LiveQueue({
        ...host,
        component: id,
        maxSize,
        ledger,
        clock,
        log: log(id),
        signal: this.signal,
        record: this.#record(id),
        onGone: (message) => this.#goneAway(id, message),
      });
      this.#stores.set(id, queue);
      return new LiveNode(group, queue, ledger);
    }
    const outbox = type === "memory" ? new MemoryOutbox(id, this.#record(id)) : this.#outbox(id, maxSize, ledger);
    this.#stores.set(id, outbox);
    const { deadLetters } = this;
    const overflow = outbox instanceof Outbox ? overflowOf(host.buffer, { outbox, ledger, deadLetters }) : undefined;
    const reject: Reject = (flight, rejections, done) => this.deadLetters.reject(flight, id, rejections, done);
    return new SinkNode(group, outbox, ledger, reject, overflow);
  }

  #reportFull(isFull: boolean): void {
    const { log, onTrouble, deadLetterSize } = this.#options;
    const full = `the dead letter is full (${deadLetterSize} bytes): rejected events wait until dead letters are purged or replayed`;
    onTrouble(deadLetterOutbox, isFull ? full : undefined);
    if (isFull) log(deadLetterOutbox).warn(`${full}, and the events behind them wait too`);
    else log(deadLetterOutbox).info("the dead letter has room again");
  }

  /** The outbox of this name. It outlives its group; the next group continues with it. */
  #outbox(name: string, maxSize: number, ledger: Ledger): Outbox {
    const known = this.outboxes.get(name);
    known?.resize(maxSize);
    return known ?? this.#makeOutbox(name, maxSize, ledger);
  }

  #record(id: string): SinkRecord {
    const { records, data } = this.#options;
    const record = records.get(id) ?? new SinkRecord(id, data.saved.delivered.get(id));
    records.set(id, record);
    return record;
  }

  /** Removes abandoned batches from all outboxes. */
  abandon(flights: readonly Flight[]): void {
    const left = new Set(flights);
    for (const [name, outbox] of this.outboxes) this.#options.ledgers.get(name)?.giveBack(outbox.abandon(left));
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

  /** Delivers to a sink until `stop`, or until the signal of its group aborts. */
  async deliver(component: SinkComponent, ended: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.signal, ended]);
    const { id, host } = component;
    this.#deliveries.set(id, signal);
    const { clock, random, log, ledgers, contextOf, onMoved, onTrouble } = this.#options;
    const context = contextOf(component, signal);
    void checkHealth(component, context);
    const store = this.#stores.get(id)!;
    const kept = store instanceof Outbox ? store : this.#record(id);
    const trouble = (message: string | undefined) => onTrouble(id, message);
    const save = (record: Json) => {
      kept.keep(record);
      return committed((flight) => this.#options.commits.commitAlone(flight));
    };
    const opened = { ...context, recorded: kept.record, save, trouble };
    const writer = await openSink(component, opened, ledgers.get(id)!, random);
    if (!writer) return trouble(undefined);
    this.#open.add(id);
    try {
      if (store instanceof LiveQueue) return await store.run(writer, onMoved);
      await deliver({
        ...host,
        outbox: store,
        writer,
        ledger: ledgers.get(id)!,
        clock,
        random,
        log: log(id),
        signal,
        isCurrent: () => this.#deliveries.get(id) === signal,
        draining: this.#draining.signal,
        bury: (letters) => this.#bury(id, letters),
        onDelivered: onMoved,
        onGone: (message) => this.#goneAway(id, message),
      });
    } finally {
      trouble(undefined);
      await writer.close?.();
      this.#open.delete(id);
    }
  }

  /** The sinks that have not ended: a write, or closing them, still runs. */
  get writing(): readonly string[] {
    return [...this.#open];
  }

  /** What is in flight to this sink has room now, so that it can be committed without a delivery. */
  #goneAway(id: string, message: string): void {
    if (this.#gone.has(id)) return;
    this.#gone.add(id);
    this.outboxes.get(id)?.resize(Number.POSITIVE_INFINITY);
    this.#options.onGone(id, message);
    this.#options.onMoved();
  }

  /** Whether events in memory can be neither delivered nor kept, so that waiting for them is of no use. */
  get isCut(): boolean {
    return [...this.#gone].some((id) => this.#stores.get(id) instanceof MemoryOutbox);
  }

  /** Sends events to the dead letter. Resolves when they are committed there. */
  #bury(component: string, letters: readonly Letter[]): Promise<void> {
    return new Promise((resolve) => {
      const bury = (flight: Flight) =>
        this.deadLetters.undelivered(flight, component, letters, () => this.#options.commits.commitAlone(flight));
      // After an abandoned commit the events are still in the outbox, and delivery has ended.
      committed(bury).then(resolve, () => undefined);
    });
  }

  /** Undelivered bytes by name. */
  storedBytes(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.outboxes, ...this.#stores].map(([name, store]) => [name, store.storedBytes]));
  }

  /** Whether every event is delivered that can be. */
  get isEmpty(): boolean {
    return [...this.#stores].every(([id, store]) => store.isEmpty || this.#gone.has(id));
  }

  /** Call it when no more events will come. Partial batches are then written at once. */
  drain(): void {
    this.#draining.abort();
  }

  /** Stops delivery; undelivered events stay in their outboxes. */
  stop(): void {
    this.#delivering.abort();
  }

  async close(): Promise<void> {
    for (const outbox of this.outboxes.values()) await outbox.close();
  }
}
