import type { Context } from "../../context.ts";
import type { Json } from "../../json.ts";
import { jsonCopy } from "../../json-copy.ts";
import type { Writer } from "../../plugin.ts";
import type { ExposedMetrics } from "../../telemetry/exposed-metrics.ts";
import type { MetricFamily } from "../../telemetry/metric-family.ts";
import type { SinkComponent } from "../../topology/topology.ts";
import type { CommitLoop } from "../commit-loop.ts";
import { DeadLetters } from "../dead-letters/dead-letters.ts";
import { committed, type Flight } from "../flow/flight.ts";
import type { Group } from "../flow/group.ts";
import type { Receiver } from "../flow/outlets.ts";
import { unlessAborted } from "../flow/waiters.ts";
import { deliver, type Letter } from "./delivery.ts";
import { LiveQueue } from "./live-queue.ts";
import { MemoryOutbox } from "./memory-outbox.ts";
import { checkHealth, openSink } from "./open-sink.ts";
import { Outbox } from "./outbox.ts";
import { overflowOf } from "./overflow.ts";
import { DiscardNode, LiveNode, type Reject, SinkNode } from "./sink-node.ts";
import { Stores, type StoresOptions } from "./stores.ts";

export interface SinksOptions extends StoresOptions {
  readonly random: () => number;
  readonly contextOf: (component: SinkComponent, signal: AbortSignal) => Context<never>;
  /** Called when events were delivered. */
  readonly onMoved: () => void;
  /** Called when the receiver of a sink has gone for good. */
  readonly onGone: (component: string, message: string) => void;
  readonly commits: CommitLoop;
  /** Where sinks add their own metrics. Absent if weir serves no metrics. */
  readonly exposed: ExposedMetrics | undefined;
  /** Aborts when a component broke its contract. Nothing may leave the process after that. */
  readonly broken: AbortSignal;
}

/** How long a sink that replaces another one waits for the record to be on disk, in milliseconds. */
const longestSave = 5_000;

/** The sinks of a run: their nodes in the graph, their delivery, and the dead letters they cause. */
export class Sinks {
  readonly stores: Stores;
  readonly deadLetters: DeadLetters;
  readonly #options: SinksOptions;
  readonly #delivering = new AbortController();
  readonly #signal: AbortSignal;
  /** The signal of the current delivery of each sink. */
  readonly #deliveries = new Map<string, AbortSignal>();
  /** The sinks that have had a delivery in this run. */
  readonly #delivered = new Set<string>();
  /** The sinks whose receivers have gone for good. */
  readonly #gone = new Set<string>();
  /** The open sinks, by the signals of their deliveries. */
  readonly #open = new Map<AbortSignal, string>();
  readonly #draining = new AbortController();

  constructor(options: SinksOptions) {
    this.#options = options;
    this.#signal = AbortSignal.any([this.#delivering.signal, options.broken]);
    this.stores = new Stores(options);
    this.deadLetters = new DeadLetters(this.stores.letters, options.clock, options.log);
  }

  /** The node of the graph that receives the events of a sink. */
  receiver(component: SinkComponent, group: Group): Receiver {
    const { id, host } = component;
    const ledger = this.#options.ledgers.get(id)!;
    this.#gone.delete(id);
    if (!host.required) {
      const onGone = (message: string) => this.#goneAway(id, message);
      return new LiveNode(group, this.stores.liveQueue(component, { signal: this.#signal, onGone }), ledger);
    }
    const outbox = this.stores.outbox(component);
    if (component.plugin.discards) return new DiscardNode(group, ledger);
    const { deadLetters } = this;
    const overflow = outbox instanceof Outbox ? overflowOf(host.buffer, { outbox, ledger, deadLetters }) : undefined;
    const reject: Reject = (flight, rejections, done) => deadLetters.reject(flight, id, rejections, done);
    return new SinkNode(group, outbox, ledger, reject, overflow);
  }

  /** Delivers to a sink until `stop`, or until the signal of its group aborts. */
  async deliver(component: SinkComponent, ended: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([this.#signal, ended]);
    const { id, host } = component;
    this.#deliveries.set(id, signal);
    const { clock, random, log, ledgers, contextOf, onTrouble, exposed } = this.#options;
    const context = contextOf(component, signal);
    void checkHealth(component, context);
    const store = this.stores.of(id);
    const kept = store instanceof Outbox ? store : this.stores.record(id);
    const isCurrent = () => this.#deliveries.get(id) === signal;
    const trouble = (message: string | undefined) => {
      if (isCurrent()) onTrouble(id, message);
    };
    const save = async (record: Json, attempt?: AbortSignal) => {
      kept.keep(jsonCopy(record, "the record to save"));
      const saved = committed((flight) => this.#options.commits.commitAlone(flight));
      return attempt ? unlessAborted(saved, attempt) : saved;
    };
    let hide = () => {};
    const metrics =
      exposed &&
      ((read: () => readonly MetricFamily[]) => {
        hide = exposed.expose(id, read, log(id));
      });
    if (this.#delivered.has(id) && kept.record !== undefined) await this.#saved(signal);
    this.#delivered.add(id);
    const opened = { ...context, recorded: kept.record, save, trouble, metrics };
    const writer = await openSink(component, opened, ledgers.get(id)!, random);
    if (!writer) {
      hide();
      return trouble(undefined);
    }
    const tell = tellRecorded(writer, this.#options.commits);
    const onMoved = () => {
      this.#options.onMoved();
      if (isCurrent()) tell(kept.record);
    };
    this.#open.set(signal, id);
    try {
      if (store instanceof LiveQueue) return await store.run(writer, onMoved);
      await deliver({
        ...host,
        outbox: store,
        writer,
        keepsEvents: component.plugin.keepsEvents !== false,
        ledger: ledgers.get(id)!,
        clock,
        random,
        log: log(id),
        signal,
        isCurrent,
        draining: this.#draining.signal,
        bury: (letters) => this.#bury(id, letters),
        onDelivered: onMoved,
        onGone: (message) => this.#goneAway(id, message),
      });
    } finally {
      trouble(undefined);
      hide();
      await writer.close?.();
      this.#open.delete(signal);
    }
  }

  /**
   * Resolves when what deliveries before have recorded is on disk, which a sink that opens takes for granted. While commits fail, it
   * does not wait for long: they may need the room that delivery makes.
   */
  async #saved(signal: AbortSignal): Promise<void> {
    const over = new AbortController();
    const saved = committed((flight) => this.#options.commits.commitAlone(flight)).catch(() => undefined);
    await Promise.race([saved, this.#options.clock.sleep(longestSave, AbortSignal.any([signal, over.signal]))]);
    over.abort();
  }

  /** Ends the part of some sinks in a group: their abandoned batches are removed, and what is still written counts no more. */
  leave(ids: Iterable<string>, abandoned: readonly Flight[]): void {
    this.stores.leave(ids, abandoned);
    for (const id of ids) {
      this.#deliveries.delete(id);
      this.#options.onTrouble(id, undefined);
    }
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

  #goneAway(id: string, message: string): void {
    if (this.#gone.has(id)) return;
    this.#gone.add(id);
    this.stores.lift(id);
    this.#options.onGone(id, message);
    this.#options.onMoved();
  }

  /** The sinks that have not ended: a write, or closing them, still runs. */
  get writing(): readonly string[] {
    return [...new Set(this.#open.values())];
  }

  /** Whether events in memory can be neither delivered nor kept, so that waiting for them is of no use. */
  get isCut(): boolean {
    return [...this.#gone].some((id) => this.stores.of(id) instanceof MemoryOutbox);
  }

  /** Whether every event is delivered that can be. */
  get isEmpty(): boolean {
    return this.stores.isEmpty(this.#gone);
  }

  /** Call it when no more events will come. Partial batches are then written at once. */
  drain(): void {
    this.#draining.abort();
  }

  /** Stops delivery; undelivered events stay in their outboxes. */
  stop(): void {
    this.#delivering.abort();
  }
}

/** Tells a sink that has `recorded` which of its records are on disk, in order. */
const tellRecorded = (writer: Writer, commits: CommitLoop): ((record: Json | undefined) => void) => {
  let asked = 0;
  let told = 0;
  return (record) => {
    if (!writer.recorded || record === undefined) return;
    const turn = ++asked;
    const saved = committed((flight) => commits.commitAlone(flight));
    const tell = () => {
      // After a failed commit, a later one can succeed first.
      if (turn < told) return;
      told = turn;
      writer.recorded?.(record);
    };
    // Without a commit, there is nothing to report.
    saved.then(tell, () => undefined);
  };
};
