import type { Clock } from "../clock.ts";
import type { Context, Log, Writer } from "../plugin.ts";
import { outboxDirectory } from "../storage/segments.ts";
import { Ledger } from "../telemetry/ledger.ts";
import type { SinkComponent } from "../topology/topology.ts";
import type { CommitLoop } from "./commit-loop.ts";
import type { DataDir } from "./data-dir.ts";
import { DeadLetters, deadLetterOutbox } from "./dead-letters.ts";
import { deliver, type Letter } from "./delivery.ts";
import { Flight } from "./flow/flight.ts";
import type { Group } from "./flow/group.ts";
import type { Receiver } from "./flow/outlets.ts";
import { LiveQueue } from "./live-queue.ts";
import { MemoryOutbox } from "./memory-outbox.ts";
import { Outbox } from "./outbox.ts";
import { LiveNode, type Overflow, SinkNode } from "./sink-node.ts";

export interface SinksOptions {
  readonly data: DataDir;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: (component: string) => Log;
  readonly ledgers: ReadonlyMap<string, Ledger>;
  /** Quota of the dead letter, in bytes. */
  readonly deadLetterSize: number;
  readonly contextOf: (component: SinkComponent, signal: AbortSignal) => Context<never>;
  /** Something was delivered. */
  readonly onMoved: () => void;
  /** What is wrong with a part of weir, and whoever looks should know; `undefined` when it is well again. */
  readonly onTrouble: (part: string, message: string | undefined) => void;
  /** On disk, by name: those of the sinks are added. */
  readonly outboxes: Map<string, Outbox>;
  readonly commits: CommitLoop;
  /** Aborts when a component broke its contract: nothing leaves the process any more. */
  readonly broken: AbortSignal;
}

/** The lower end of a run: what waits for each sink, its delivery, and the dead letter. */
export class Sinks {
  /** On disk, by name; the dead letter is one of them. */
  readonly outboxes: Map<string, Outbox>;
  readonly letters: Outbox;
  readonly deadLetters: DeadLetters;
  readonly #options: SinksOptions;
  /** What waits for a sink, wherever it is kept. */
  readonly #stores = new Map<string, Outbox | MemoryOutbox | LiveQueue>();
  readonly #delivering = new AbortController();
  readonly #signal: AbortSignal;
  readonly #recovered = new Set<string>();
  readonly #draining = new AbortController();

  constructor(options: SinksOptions) {
    this.#options = options;
    this.outboxes = options.outboxes;
    this.#signal = AbortSignal.any([this.#delivering.signal, options.broken]);
    this.letters = this.#makeOutbox(deadLetterOutbox, options.deadLetterSize, new Ledger(), (full) =>
      this.#tellFull(full),
    );
    this.deadLetters = new DeadLetters(this.letters, options.clock, options.log);
  }

  /** Aborts when delivery ends. */
  get signal(): AbortSignal {
    return this.#signal;
  }

  /** The graph's end at a sink. */
  receiver({ id, host }: SinkComponent, group: Group): Receiver {
    const { ledgers, clock, log } = this.#options;
    const ledger = ledgers.get(id)!;
    const { maxSize, type } = host.buffer;
    if (!host.required) {
      const queue = new LiveQueue({ ...host, maxSize, ledger, clock, log: log(id), signal: this.signal });
      this.#stores.set(id, queue);
      return new LiveNode(group, queue, ledger);
    }
    const outbox = type === "memory" ? new MemoryOutbox(id) : this.#outbox(id, maxSize, ledger);
    this.#stores.set(id, outbox);
    const overflow = outbox instanceof Outbox ? this.#overflow(id, host.buffer, outbox, ledger) : undefined;
    return new SinkNode(group, outbox, ledger, overflow);
  }

  #overflow(
    id: string,
    { maxSize, whenFull }: SinkComponent["host"]["buffer"],
    outbox: Outbox,
    ledger: Ledger,
  ): Overflow | undefined {
    if (whenFull === "block") return undefined;
    const message = `the outbox of "${id}" is full (${maxSize} bytes)`;
    return {
      hasRoom: (bytes) => outbox.hasRoomFor(bytes),
      spill: (flight, events, done) => {
        if (whenFull === "drop_newest") {
          ledger.drop("outbox_full", events.length);
          done();
        } else {
          ledger.deadLetter("outbox_full", events.length);
          const rejections = events.map((event) => ({ event, reason: "outbox_full", message }));
          this.deadLetters.reject(flight, id, rejections, done);
        }
      },
    };
  }

  #tellFull(isFull: boolean): void {
    const { log, onTrouble, deadLetterSize } = this.#options;
    const full = `the dead letter is full (${deadLetterSize} bytes): what belongs there waits until some of it is purged or replayed`;
    onTrouble(deadLetterOutbox, isFull ? full : undefined);
    if (isFull) log(deadLetterOutbox).warn(`${full}, and so do the events behind it`);
    else log(deadLetterOutbox).info("the dead letter has room again");
  }

  /** An outbox outlives the group that fills it: another group takes it over as it is. */
  #outbox(name: string, maxSize: number, ledger: Ledger): Outbox {
    const known = this.outboxes.get(name);
    known?.resize(maxSize);
    return known ?? this.#makeOutbox(name, maxSize, ledger);
  }

  /** These batches are given back: they go to no sink. */
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
            ? log.warn(`the outbox is full (${maxSize} bytes): batches for it wait, and reading waits with them`)
            : log.info("the outbox has room again")),
    });
    this.outboxes.set(name, outbox);
    return outbox;
  }

  /** Counts what an earlier run left undelivered as in flight, once. */
  async recover({ id }: SinkComponent): Promise<void> {
    const ledger = this.#options.ledgers.get(id)!;
    const outbox = this.outboxes.get(id);
    if (!outbox || this.#recovered.has(id)) return;
    this.#recovered.add(id);
    for (const segment of outbox.missingSegments()) {
      ledger.note("segment_gone", 1);
      this.#options
        .log(id)
        .error(
          `segment ${segment} of the outbox is gone, with the events in it; the others are delivered all the same`,
        );
    }
    const left = await outbox.countLeft();
    ledger.created += left;
    ledger.inFlight += left;
  }

  /** Delivers to a sink until `stop`, or until the signal of its group aborts. */
  async deliver(component: SinkComponent, ended: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.signal, ended]);
    const { id, host } = component;
    const { clock, random, log, ledgers, onMoved } = this.#options;
    void this.#checkHealth(component, signal);
    const writer = await this.#open(component, signal);
    if (!writer) return;
    try {
      const store = this.#stores.get(id)!;
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
        draining: this.#draining.signal,
        bury: (letters) => this.#bury(id, letters),
        onDelivered: onMoved,
      });
    } finally {
      await writer.close?.();
    }
  }

  /** A sink that cannot be opened is a dead sink: it is tried again, and holds up nobody else. */
  async #open(component: SinkComponent, signal: AbortSignal): Promise<Writer | undefined> {
    const { id, plugin, host } = component;
    const { clock, log, contextOf } = this.#options;
    for (let wait = host.retry.initial; !signal.aborted; wait = Math.min(wait * 2, host.retry.max)) {
      try {
        return await plugin.open({ ...contextOf(component, signal), recorded: this.outboxes.get(id)?.record });
      } catch (error) {
        this.#options.ledgers.get(id)!.retry("not_opened");
        log(id).error(`the sink cannot be opened and is tried again in ${wait} ms: ${(error as Error).message}`);
        await clock.sleep(wait, signal);
      }
    }
    return undefined;
  }

  async #checkHealth(component: SinkComponent, signal: AbortSignal): Promise<void> {
    const { id, plugin, host } = component;
    if (!host.healthCheck || !plugin.check) return;
    try {
      await plugin.check(this.#options.contextOf(component, signal));
    } catch (error) {
      if (signal.aborted) return;
      const { message } = error as Error;
      this.#options.log(id).warn(`the receiver cannot be reached now; delivery is tried all the same: ${message}`);
    }
  }

  /** Resolves when the letters are committed to the dead letter. */
  #bury(component: string, letters: readonly Letter[]): Promise<void> {
    return new Promise((resolve) => {
      const settled = (outcome: "committed" | "abandoned") => {
        if (outcome === "committed") resolve();
      };
      const flight = new Flight(0, { checkpoint: undefined, bytes: 0, ingested: 0, settled });
      this.deadLetters.undelivered(flight, component, letters, () => this.#options.commits.aside(flight));
    });
  }

  /** Bytes that wait, by name. */
  storedBytes(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.outboxes, ...this.#stores].map(([name, store]) => [name, store.storedBytes]));
  }

  /** Nothing waits for any sink. */
  get isEmpty(): boolean {
    return [...this.#stores.values()].every((store) => store.isEmpty);
  }

  /** Nothing more will come: what waits to be put together to a batch is written at once. */
  drain(): void {
    this.#draining.abort();
  }

  /** Delivery ends; what is not delivered stays. */
  stop(): void {
    this.#delivering.abort();
  }

  async close(): Promise<void> {
    for (const outbox of this.outboxes.values()) await outbox.close();
  }
}
