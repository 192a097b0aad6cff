import { type Clock, systemClock } from "../clock.ts";
import type { Log } from "../plugin.ts";
import type { Place } from "../storage/database.ts";
import { Ledger } from "../telemetry/ledger.ts";
import type { SourceComponent, Topology } from "../topology/topology.ts";
import { CommitLoop } from "./commit-loop.ts";
import type { DataDir } from "./data-dir.ts";
import type { DeadLetterDesk } from "./dead-letter-desk.ts";
import { aborted, End, type Ending } from "./ending.ts";
import { buildGraph, type Graph } from "./graph.ts";
import { Group } from "./group.ts";
import { liveDesk } from "./live-desk.ts";
import { contextsOf, nodeMakers } from "./nodes.ts";
import { peakMemory } from "./peak-memory.ts";
import { Reentry } from "./reentry.ts";
import { runSource } from "./run-source.ts";
import { Sinks } from "./sinks.ts";
import { Stamps } from "./stamp.ts";
import { StateStore } from "./state-store.ts";
import { allComponentStats, type Stats } from "./stats.ts";
import { Waiters } from "./waiters.ts";
import { watchHolds } from "./watch-holds.ts";

export type { Ending } from "./ending.ts";

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

const mebibyte = 1024 * 1024;

/**
 * A topology at work: sources are pulled, batches pass the transforms in order, commits make their outcome true, and
 * the outboxes are delivered. It ends when every source has ended and everything is delivered, when it is stopped, or
 * when a component breaks its contract.
 */
export class Runtime {
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
  readonly #end: End;
  readonly #contextOf: ReturnType<typeof contextsOf>;
  #starting: Promise<void> = Promise.resolve();
  #isStarted = false;
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
    this.#ledgers = new Map(topology.components.map(({ id }) => [id, new Ledger()]));
    this.#contextOf = contextsOf({ ...this.#options, ledgers: this.#ledgers });
    this.#sinks = new Sinks({
      ...this.#options,
      data,
      ledgers: this.#ledgers,
      contextOf: ({ id, config }, signal) => this.#contextOf(id, config, signal),
      onMoved: () => this.#moved(),
      onTrouble: (part, message) => this.#trouble(part, message),
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
      onTrouble: (message) => this.#trouble("weir", message),
      fail: (error) => this.#end.fail("weir", error),
    });
    this.#end = new End({
      ...this.#options,
      graph: this.#graph,
      sinks: this.#sinks,
      commits: this.#commits,
      data,
      reading: this.#reading,
      late: this.#late.signal,
      progress: this.#progress,
    });
    const { entrances } = this.#graph;
    const reentry = new Reentry({ topology, entrances, ledgers: this.#ledgers, signal: this.#reading.signal });
    this.desk = liveDesk({ data, outbox: this.#sinks.letters, commits: this.#commits, reentry });
  }

  get ended(): Promise<Ending> {
    return this.#end.ended;
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
      await this.#end.drained();
      await this.#end.finish(this.#reading.signal.aborted ? "stopped" : "finished", this.#deliveries);
    });
  }

  /** Stops reading, drains, and ends; what is not delivered within `deadline` milliseconds stays in the outboxes. */
  async stop(deadline: number): Promise<void> {
    if (this.#end.isBroken || this.#late.signal.aborted) return;
    this.#reading.abort();
    const ended = new AbortController();
    void this.#options.clock.sleep(deadline, ended.signal).then(() => this.#late.abort());
    await Promise.race([this.#starting.then(() => this.#readings), aborted(this.#late.signal)]);
    await this.#end.drained();
    await this.#end.finish("stopped", this.#deliveries);
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
    const makers = nodeMakers({
      topology: this.#topology,
      data: this.#data,
      state,
      stamps,
      sinks: this.#sinks,
      ledgers: this.#ledgers,
      log,
      contextOf: (id, config) => this.#contextOf(id, config, this.#reading.signal),
      fail: (component, error) => this.#end.fail(component, error),
      onIdle: () => this.#progress.wake(),
    });
    return buildGraph(this.#topology, makeGroup, makers);
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
      context: this.#contextOf(id, config, this.#reading.signal),
      checkpoints: this.#data.saved.checkpoints.get(id) ?? new Map(),
      isWaitedFor: () => this.#data.writer.answerWaits,
    });
  }

  #trouble(part: string, message: string | undefined): void {
    if (message === undefined) this.#unready.delete(part);
    else this.#unready.set(part, message);
  }

  #moved(): void {
    this.#commits.poke();
    this.#progress.wake();
  }

  async #guard(component: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#end.fail(component, error);
    }
  }
}
