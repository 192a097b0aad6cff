import { type Clock, systemClock } from "../clock.ts";
import type { Log } from "../plugin.ts";
import type { Place } from "../storage/database.ts";
import { Ledger } from "../telemetry/ledger.ts";
import type { SourceComponent, Topology } from "../topology/topology.ts";
import { CommitLoop } from "./commit-loop.ts";
import type { DataDir } from "./data-dir.ts";
import type { DeadLetterDesk } from "./dead-letter-desk.ts";
import { buildGraph, type Graph } from "./graph.ts";
import { Group } from "./group.ts";
import { liveDesk } from "./live-desk.ts";
import { peakMemory } from "./peak-memory.ts";
import { Reentry } from "./reentry.ts";
import { runSource } from "./run-source.ts";
import { Sinks } from "./sinks.ts";
import { SourceNode } from "./source-node.ts";
import { Stamps } from "./stamp.ts";
import { StateStore } from "./state-store.ts";
import { allComponentStats, type Stats } from "./stats.ts";
import { TransformNode } from "./transform-node.ts";
import { Waiters } from "./waiters.ts";
import { watchHolds } from "./watch-holds.ts";

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
  readonly #sinks: Sinks;
  readonly #commits: CommitLoop;
  readonly #graph: Graph;
  readonly #reading = new AbortController();
  readonly #unready = new Map<string, string>();
  readonly #progress = new Waiters();
  readonly #startedAt = performance.now();
  readonly #late = new AbortController();
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
    this.#sinks = new Sinks({
      ...this.#options,
      data,
      ledgers: this.#ledgers,
      contextOf: ({ id, config }, signal) => this.#context(id, config, signal),
      onMoved: () => this.#moved(),
      aside: (flight) => this.#commits.aside(flight),
    });
    const state = new StateStore((component, key) => data.reader.state(component, key));
    this.#graph = this.#build(state);
    this.#commits = new CommitLoop({
      writer: data.writer,
      groups: this.#graph.groups,
      outboxes: this.#sinks.outboxes,
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
    this.desk = liveDesk({ data, outbox: this.#sinks.letters, commits: this.#commits, reentry });
  }

  /** Starts sinks first, then sources; returns when they run. */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    for (const component of this.#topology.components)
      if (component.kind === "sink") {
        await this.#sinks.recover(component);
        this.#deliveries.push(this.#guard(component.id, this.#sinks.deliver(component)));
      }
    const sources = this.#topology.components.filter((component) => component.kind === "source");
    const reading = sources.map((component) => this.#guard(component.id, this.#read(component)));
    const { clock, log } = this.#options;
    const { transforms } = this.#graph;
    const watch = { transforms, unready: this.#unready, clock, log, signal: this.#sinks.signal };
    void this.#guard("weir", watchHolds(watch));
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
      outbox_bytes: this.#sinks.storedBytes(),
      uptime_seconds: Math.round(performance.now() - this.#startedAt) / 1000,
      peak_memory_bytes: peakMemory(),
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
    return new Map([...this.#sinks.outboxes].map(([name, { place, end }]) => [name, { from: place, end }]));
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
          deadLetters: this.#sinks.deadLetters,
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
            this.#sinks.deadLetters.reject(flight, component, rejections, () => group.release(flight));
          },
          fail: (component, error) => this.#fail(component, error),
          onIdle: () => this.#progress.wake(),
        });
      },
      sink: (component, group) => this.#sinks.receiver(component, group),
    });
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

  #read(component: SourceComponent): Promise<void> {
    const { id, config } = component;
    return runSource({
      component,
      node: this.#graph.sources.get(id)!,
      context: this.#context(id, config, this.#reading.signal),
      checkpoints: this.#data.saved.checkpoints.get(id) ?? new Map(),
      isWaitedFor: () => this.#data.writer.answerWaits,
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
    this.#sinks.drain();
    const isDrained = () => this.#graph.groups.every((group) => group.isIdle) && this.#sinks.isEmpty;
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
    this.#sinks.stop();
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
    this.#sinks.stop();
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
    await this.#sinks.close();
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
}

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
