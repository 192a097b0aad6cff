import { type Clock, systemClock } from "../clock.ts";
import type { Log, Writer } from "../plugin.ts";
import type { Place } from "../storage/database.ts";
import { outboxDirectory } from "../storage/segments.ts";
import { Ledger } from "../telemetry/ledger.ts";
import type { SinkComponent, SourceComponent, Topology } from "../topology/topology.ts";
import { CommitLoop } from "./commit-loop.ts";
import type { DataDir } from "./data-dir.ts";
import type { DeadLetterDesk } from "./dead-letter-desk.ts";
import { DeadLetters, deadLetterOutbox } from "./dead-letters.ts";
import { deliver, type Letter } from "./delivery.ts";
import { Flight } from "./flight.ts";
import { buildGraph, type Graph } from "./graph.ts";
import { Group } from "./group.ts";
import { liveDesk } from "./live-desk.ts";
import { LiveQueue } from "./live-queue.ts";
import { MemoryOutbox } from "./memory-outbox.ts";
import { Outbox } from "./outbox.ts";
import type { Receiver } from "./outlets.ts";
import { pump } from "./pump.ts";
import { Reentry } from "./reentry.ts";
import { LiveNode, type Overflow, SinkNode } from "./sink-node.ts";
import { SourceNode } from "./source-node.ts";
import { Stamps } from "./stamp.ts";
import { StateStore } from "./state-store.ts";
import { allComponentStats, type Stats } from "./stats.ts";
import { TransformNode } from "./transform-node.ts";
import { Waiters } from "./waiters.ts";

export interface RuntimeOptions {
  readonly clock?: Clock;
  /** Uniform in [0, 1), for the jitter of retries. */
  readonly random?: () => number;
  /** The log of one component. */
  readonly log: (component: string) => Log;
  /** Bytes of uncommitted batches in a group beyond which its sources are not asked for more. */
  readonly budget?: number;
  /** Quota of the dead letter, in bytes. */
  readonly deadLetterSize?: number;
  /** Called before the data dir is given up: whatever else speaks for it ends here. */
  readonly closing?: () => Promise<void>;
}

/** How a run ended: every event settled and delivered, stopped with what is left on disk, or broken. */
export type Ending =
  | { readonly how: "finished" | "stopped" }
  | { readonly how: "failed"; readonly component: string; readonly error: unknown };

const mebibyte = 1024 * 1024;
/** A batch held by a transform for longer than this, in milliseconds, makes the run unready. */
const maxHold = 30_000;
const holdCheck = 5_000;
/** How long the end waits for a write or a sync that does not return, in milliseconds. */
const hangTime = 2_000;

/**
 * A topology at work: sources are pulled, batches pass the transforms in order, commits make their outcome true, and
 * the outboxes are delivered. It ends when every source has ended and everything is delivered, when it is stopped, or
 * when a component breaks its contract.
 */
export class Runtime {
  readonly ended: Promise<Ending>;
  /** Looks through the dead letters beside the run, and lets them go. */
  readonly desk: DeadLetterDesk;
  readonly #topology: Topology;
  readonly #data: DataDir;
  readonly #options: Required<RuntimeOptions>;
  readonly #ledgers: ReadonlyMap<string, Ledger>;
  readonly #outboxes = new Map<string, Outbox>();
  /** Of the sinks that buffer in memory, and of those that are not required. */
  readonly #memory = new Map<string, MemoryOutbox>();
  readonly #queues = new Map<string, LiveQueue>();
  readonly #deadLetters: DeadLetters;
  readonly #commits: CommitLoop;
  readonly #graph: Graph;
  readonly #reading = new AbortController();
  readonly #delivering = new AbortController();
  readonly #unready = new Map<string, string>();
  readonly #progress = new Waiters();
  readonly #startedAt = performance.now();
  readonly #late = new AbortController();
  readonly #draining = new AbortController();
  #end!: (ending: Ending) => void;
  #starting: Promise<void> = Promise.resolve();
  #isStarted = false;
  #isBroken = false;
  #finishing: Promise<void> | undefined;
  #shutting: Promise<void> | undefined;
  readonly #deliveries: Promise<void>[] = [];
  #readings: Promise<unknown> = Promise.resolve();

  constructor(topology: Topology, data: DataDir, options: RuntimeOptions) {
    this.#topology = topology;
    this.#data = data;
    this.#options = {
      clock: systemClock,
      random: Math.random,
      budget: 8 * mebibyte,
      deadLetterSize: 1024 * mebibyte,
      closing: async () => undefined,
      ...options,
    };
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#ledgers = new Map(topology.components.map(({ id }) => [id, new Ledger()]));
    const letters = this.#makeOutbox(deadLetterOutbox, this.#options.deadLetterSize, new Ledger());
    this.#deadLetters = new DeadLetters(letters, this.#options.clock, this.#options.log);
    const state = new StateStore((component, key) => data.reader.state(component, key));
    this.#graph = this.#build(state);
    this.#commits = new CommitLoop({
      writer: data.writer,
      groups: this.#graph.groups,
      outboxes: this.#outboxes,
      state,
      clock: this.#options.clock,
      log: this.#options.log("weir"),
      onAnswer: () => this.#progress.wake(),
      onTrouble: (message) => {
        if (message === undefined) this.#unready.delete("weir");
        else this.#unready.set("weir", message);
      },
      fail: (error) => this.#fail("weir", error),
    });
    const { entrances } = this.#graph;
    const reentry = new Reentry({ topology, entrances, ledgers: this.#ledgers, signal: this.#reading.signal });
    this.desk = liveDesk({ data, outbox: letters, commits: this.#commits, reentry });
  }

  /** Starts sinks first, then sources; returns when they run. */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    for (const component of this.#topology.components)
      if (component.kind === "sink") {
        const left = (await this.#outboxes.get(component.id)?.countLeft()) ?? 0;
        const ledger = this.#ledgers.get(component.id)!;
        ledger.created += left;
        ledger.inFlight += left;
        this.#deliveries.push(this.#guard(component.id, this.#deliver(component)));
      }
    const sources = this.#topology.components.filter((component) => component.kind === "source");
    const reading = sources.map((component) => this.#guard(component.id, this.#read(component)));
    void this.#guard("weir", this.#watchHolds());
    this.#readings = Promise.all([...reading, this.#replayMarked()]);
    this.#isStarted = true;
    void this.#readings.then(async () => {
      if (this.#reading.signal.aborted) return;
      await this.#drained();
      await this.#finish(this.#reading.signal.aborted ? "stopped" : "finished");
    });
  }

  /** Stops reading, drains, and ends; what is not delivered within `deadline` milliseconds stays in the outboxes. */
  async stop(deadline: number): Promise<void> {
    if (this.#isBroken || this.#late.signal.aborted) return;
    this.#reading.abort();
    const ended = new AbortController();
    void this.#options.clock.sleep(deadline, ended.signal).then(() => this.#late.abort());
    await Promise.race([this.#starting.then(() => this.#readings), aborted(this.#late.signal)]);
    await this.#drained();
    await this.#finish("stopped");
    ended.abort();
  }

  /** One synchronous reading of all counters. */
  stats(): Stats {
    return {
      components: allComponentStats(this.#topology, this.#ledgers),
      commits_total: this.#commits.commits,
      commit_retries_total: this.#commits.retries,
      outbox_bytes: Object.fromEntries(
        [...this.#outboxes, ...this.#memory, ...this.#queues].map(([name, store]) => [name, store.storedBytes]),
      ),
      uptime_seconds: Math.round(performance.now() - this.#startedAt) / 1000,
      peak_memory_bytes: process.resourceUsage().maxRSS * 1024,
    };
  }

  get phase(): "starting" | "running" | "draining" {
    if (this.#reading.signal.aborted) return "draining";
    return this.#isStarted ? "running" : "starting";
  }

  /** Why the run is not ready, by component; empty when it is. */
  get unready(): ReadonlyMap<string, string> {
    return this.#unready;
  }

  /** What is committed for each sink with a buffer on disk, and not delivered: from where to where. */
  outboxes(): ReadonlyMap<string, { readonly from: Place; readonly end: Place }> {
    return new Map([...this.#outboxes].map(([name, { place, end }]) => [name, { from: place, end }]));
  }

  #build(state: StateStore): Graph {
    const { clock, log, budget } = this.#options;
    const stamps = new Stamps(clock, log("weir"), this.#data.saved.ingested);
    const makeGroup = () => new Group(clock, budget, () => this.#commits.poke());
    return buildGraph(this.#topology, makeGroup, {
      source: ({ id, host }, group, announce) =>
        new SourceNode({
          id,
          decoding: host,
          group,
          stamps,
          announce,
          ledger: this.#ledgers.get(id)!,
          deadLetters: this.#deadLetters,
          checkpoints: this.#data.saved.checkpoints.get(id) ?? new Map(),
        }),
      transform: ({ id, plugin, config }, group) => {
        const context = { ...this.#context(id, config, this.#reading.signal), state: state.for(id) };
        return new TransformNode({
          id,
          operator: plugin.create(context),
          group,
          ledger: this.#ledgers.get(id)!,
          log: log(id),
          reject: (flight, component, rejections) => {
            flight.open++;
            this.#deadLetters.reject(flight, component, rejections, () => group.release(flight));
          },
          fail: (component, error) => this.#fail(component, error),
          onIdle: () => this.#progress.wake(),
        });
      },
      sink: (component, group) => this.#makeSink(component, group),
    });
  }

  #makeSink({ id, host }: SinkComponent, group: Group): Receiver {
    const ledger = this.#ledgers.get(id)!;
    const { maxSize, type, whenFull } = host.buffer;
    if (!host.required) {
      const { clock, log } = this.#options;
      const { signal } = this.#delivering;
      const queue = new LiveQueue({ ...host, maxSize, ledger, clock, log: log(id), signal });
      this.#queues.set(id, queue);
      return new LiveNode(group, queue, ledger);
    }
    if (type === "memory") {
      const outbox = new MemoryOutbox(id);
      this.#memory.set(id, outbox);
      return new SinkNode(group, outbox, ledger);
    }
    const outbox = this.#makeOutbox(id, maxSize, ledger);
    if (whenFull === "block") return new SinkNode(group, outbox, ledger);
    const spill: Overflow["spill"] = (flight, events, done) => {
      if (whenFull === "drop_newest") {
        ledger.drop("outbox_full", events.length);
        return done();
      }
      ledger.deadLetter("outbox_full", events.length);
      const message = `the outbox of "${id}" is full (${maxSize} bytes)`;
      this.#deadLetters.reject(
        flight,
        id,
        events.map((event) => ({ event, reason: "outbox_full", message })),
        done,
      );
    };
    return new SinkNode(group, outbox, ledger, { hasRoom: (bytes) => outbox.hasRoomFor(bytes), spill });
  }

  #makeOutbox(name: string, maxSize: number, ledger: Ledger): Outbox {
    const { saved, path } = this.#data;
    const log = this.#options.log(name);
    const outbox = new Outbox({
      name,
      maxSize,
      ledger,
      directory: outboxDirectory(path, name),
      end: saved.ends.get(name),
      delivered: saved.delivered.get(name),
      onFull: (full) =>
        full
          ? log.warn(`the outbox is full (${maxSize} bytes): batches for it wait, and reading waits with them`)
          : log.info("the outbox has room again"),
    });
    this.#outboxes.set(name, outbox);
    return outbox;
  }

  #context(id: string, config: unknown, signal: AbortSignal) {
    // Checked and decoded by the plugin's own schema: its type is the plugin's, which a list of plugins cannot know.
    const { clock, log } = this.#options;
    const refused = (reason: string) => this.#ledgers.get(id)!.refuse(reason);
    return { id, config: config as never, signal, clock, log: log(id), refused };
  }

  /** What was marked while weir was stopped; what cannot be taken back stays in the dead letter. */
  async #replayMarked(): Promise<void> {
    if (!this.#data.saved.deadLetters.some(({ state }) => state === "replay")) return;
    const log = this.#options.log("weir");
    try {
      const { replayed, refused } = await this.desk.replayMarked();
      log.info(`dead letters that were marked are replayed: ${replayed}`);
      for (const { why, count, id } of refused) log.warn(`not replayed: ${count} (${id} first), because ${why}`);
    } catch (error) {
      log.warn(`dead letters that are marked to be replayed still are: ${(error as Error).message}`);
    }
  }

  async #read({ id, plugin, config }: SourceComponent): Promise<void> {
    const node = this.#graph.sources.get(id)!;
    const { signal } = this.#reading;
    if (signal.aborted) return;
    const checkpoints = this.#data.saved.checkpoints.get(id) ?? new Map();
    const context = { ...this.#context(id, config, signal), checkpoints };
    let isOver = false;
    const listening = plugin.listen?.(context, (reading) => (signal.aborted || isOver ? "full" : node.offer(reading)));
    if (plugin.read)
      await pump({
        readings: plugin.read(context),
        room: () => node.room(signal),
        take: (reading) => node.take(reading),
        isWaitedFor: () => this.#data.writer.answerWaits,
        signal,
      });
    await listening;
    isOver = true;
  }

  async #deliver(component: SinkComponent): Promise<void> {
    const { id, host } = component;
    const { clock, random, log } = this.#options;
    const { signal } = this.#delivering;
    void this.#checkHealth(component);
    const writer = await this.#open(component);
    if (!writer) return;
    try {
      const queue = this.#queues.get(id);
      if (queue) return await queue.run(writer, () => this.#moved());
      await deliver({
        ...host,
        outbox: this.#outboxes.get(id) ?? this.#memory.get(id)!,
        writer,
        ledger: this.#ledgers.get(id)!,
        clock,
        random,
        log: log(id),
        signal,
        draining: this.#draining.signal,
        bury: (letters) => this.#bury(id, letters),
        onDelivered: () => this.#moved(),
      });
    } finally {
      await writer.close?.();
    }
  }

  /** A sink that cannot be opened is a dead sink: it is tried again, and holds up nobody else. */
  async #open({ id, plugin, config, host }: SinkComponent): Promise<Writer | undefined> {
    const { clock, log } = this.#options;
    const { signal } = this.#delivering;
    for (let wait = host.retry.initial; !signal.aborted; wait = Math.min(wait * 2, host.retry.max)) {
      try {
        return await plugin.open({ ...this.#context(id, config, signal), recorded: this.#outboxes.get(id)?.record });
      } catch (error) {
        log(id).error(`the sink cannot be opened and is tried again in ${wait} ms: ${(error as Error).message}`);
        await clock.sleep(wait, signal);
      }
    }
    return undefined;
  }

  async #checkHealth({ id, plugin, config, host }: SinkComponent): Promise<void> {
    if (!host.healthCheck || !plugin.check) return;
    try {
      await plugin.check(this.#context(id, config, this.#delivering.signal));
    } catch (error) {
      this.#options
        .log(id)
        .warn(`the receiver cannot be reached now; delivery is tried all the same: ${(error as Error).message}`);
    }
  }

  /** Resolves when the letters are committed to the dead letter. */
  #bury(component: string, letters: readonly Letter[]): Promise<void> {
    return new Promise((resolve) => {
      const flight = new Flight(0, { checkpoint: undefined, bytes: 0, ingested: 0, settled: () => resolve() });
      this.#deadLetters.undelivered(flight, component, letters, () => this.#commits.aside(flight));
    });
  }

  #moved(): void {
    this.#commits.poke();
    this.#progress.wake();
  }

  /** Resolves when nothing is in flight and every sink's outbox is delivered, or it is late, or all is over. */
  async #drained(): Promise<void> {
    const { signal } = this.#late;
    const isOver = () => signal.aborted || this.#isBroken;
    // From the top: what is asked to send on its last batches comes after everything that sends it some.
    for (const transform of this.#graph.transforms.values()) {
      transform.complete();
      while (!transform.isIdle && !isOver()) await this.#progress.wait(signal);
    }
    this.#draining.abort();
    const stores = this.#topology.components.flatMap(
      ({ id }) => this.#outboxes.get(id) ?? this.#memory.get(id) ?? this.#queues.get(id) ?? [],
    );
    const isDrained = () => this.#graph.groups.every((group) => group.isIdle) && stores.every((store) => store.isEmpty);
    while (!isOver()) {
      await this.#commits.idle(signal);
      if (isDrained()) return;
      await this.#progress.wait(signal);
    }
  }

  /** Ends the run, once, whoever asks first. */
  #finish(how: "finished" | "stopped"): Promise<void> {
    this.#finishing ??= this.#finishOnce(how);
    return this.#finishing;
  }

  async #finishOnce(how: "finished" | "stopped"): Promise<void> {
    if (this.#isBroken) return;
    this.#reading.abort();
    this.#delivering.abort();
    // A write that hangs is left behind: what it had was not delivered, and stays in the outbox.
    await this.#withPatience(Promise.allSettled(this.#deliveries));
    const idle = this.#commits.idle(new AbortController().signal);
    // Without a stop there is time: a full disk may get room, and what was delivered is not delivered again.
    await Promise.race([idle, aborted(this.#late.signal).then(() => this.#withPatience(idle))]);
    if (this.#isBroken) return;
    await this.#withPatience(this.#shutDown());
    this.#end({ how });
  }

  /** From now on nothing leaves the process: what is on disk is as after a kill. */
  #fail(component: string, error: unknown): void {
    if (this.#isBroken || this.#shutting) return;
    this.#isBroken = true;
    this.#reading.abort();
    this.#delivering.abort();
    this.#progress.wake();
    void this.#withPatience(this.#shutDown()).then(() => this.#end({ how: "failed", component, error }));
  }

  /** The commit under way lands first: whoever waits for it is told so. */
  #shutDown(): Promise<void> {
    this.#shutting ??= this.#shutDownOnce();
    return this.#shutting;
  }

  async #shutDownOnce(): Promise<void> {
    await this.#commits.stop();
    for (const group of this.#graph.groups) group.abandon();
    for (const transform of this.#graph.transforms.values()) transform.complete();
    for (const outbox of this.#outboxes.values()) await outbox.close();
    await this.#options.closing();
    await this.#data.close();
  }

  /** Waits for work that may hang: for a while. */
  async #withPatience(work: Promise<unknown>): Promise<void> {
    const patience = new AbortController();
    await Promise.race([work.catch(() => undefined), this.#options.clock.sleep(hangTime, patience.signal)]);
    patience.abort();
  }

  async #guard(component: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#fail(component, error);
    }
  }

  async #watchHolds(): Promise<void> {
    const { clock, log } = this.#options;
    while (!this.#delivering.signal.aborted) {
      await clock.sleep(holdCheck, this.#delivering.signal);
      for (const [id, node] of this.#graph.transforms) {
        const held = node.heldSince === undefined ? 0 : clock.now() - node.heldSince;
        if (held < maxHold) this.#unready.delete(id);
        else if (!this.#unready.has(id)) {
          const message = `the transform "${id}" has held a batch for ${Math.round(held / 1000)} s without sending it on`;
          this.#unready.set(id, message);
          log(id).error(`${message}: nothing after it can be committed`);
        }
      }
    }
  }
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
