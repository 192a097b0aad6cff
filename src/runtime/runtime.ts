import type { Place } from "../storage/database.ts";
import type { Ledger } from "../telemetry/ledger.ts";
import { LogFeed } from "../telemetry/log-feed.ts";
import type { Topology } from "../topology/topology.ts";
import { Changes } from "./changes.ts";
import type { DataDir } from "./data-dir.ts";
import type { DeadLetterDesk } from "./dead-letters/desk.ts";
import { liveDesk } from "./dead-letters/live-desk.ts";
import { Reentry } from "./dead-letters/reentry.ts";
import { replayMarked } from "./dead-letters/replay-marked.ts";
import { End, type Ending } from "./ending.ts";
import { addedTo } from "./flow/deployment.ts";
import { GroupRun } from "./flow/group-run.ts";
import type { RunServices } from "./flow/run-services.ts";
import { aborted } from "./flow/waiters.ts";
import { peakMemory } from "./peak-memory.ts";
import { defaults, type RuntimeOptions } from "./runtime-options.ts";
import { makeServices } from "./services.ts";
import { allComponentStats, type Stats } from "./stats.ts";
import type { Tap } from "./tap/tap.ts";
import { pointsOf, type TapRequest } from "./tap/taps.ts";

/**
 * Runs a topology on a data dir, with one `GroupRun` for each commit group. It ends when all sources have ended and all
 * events are delivered, when it is stopped, or when a component breaks its contract.
 */
export class Runtime {
  /** Lists, purges and replays dead letters while the run continues. */
  readonly desk: DeadLetterDesk;
  readonly #data: DataDir;
  readonly #options: Required<RuntimeOptions>;
  readonly #services: RunServices;
  readonly #end: End;
  readonly #unready = new Map<string, string>();
  readonly #startedAt = performance.now();
  /** Aborts when a component broke its contract. */
  readonly #broken = new AbortController();
  /** Aborts when the run starts to end. Nothing more is read. */
  readonly #stopping = new AbortController();
  /** Aborts at the deadline of a stop. */
  readonly #late = new AbortController();
  readonly #ledgers = new Map<string, Ledger>();
  readonly #runs = new Set<GroupRun>();
  readonly #changes: Changes;
  #starting: Promise<void> = Promise.resolve();
  #replaying: Promise<void> = Promise.resolve();
  #isStarted = false;

  /** Builds the running graph. Throws a `BuildError` for a component that cannot be built. */
  constructor(topology: Topology, data: DataDir, options: RuntimeOptions) {
    this.#data = data;
    const given = { ...defaults(), ...options };
    const logFeed = given.logFeed ?? new LogFeed(given.log, given.clock);
    this.#options = { ...given, logFeed, log: logFeed.of };
    this.#services = makeServices({
      ...this.#options,
      data,
      ledgers: this.#ledgers,
      stats: () => this.stats(),
      broken: this.#broken,
      onTrouble: (part, message) => this.#trouble(part, message),
    });
    this.#changes = new Changes({
      topology,
      runs: this.#runs,
      ledgers: this.#ledgers,
      services: this.#services,
      clock: this.#options.clock,
      started: () => this.#starting,
      ending: AbortSignal.any([this.#stopping.signal, this.#broken.signal]),
      late: AbortSignal.any([this.#late.signal, this.#broken.signal]),
    });
    for (const ids of topology.groups) this.#runs.add(new GroupRun(topology, new Set(ids), this.#services));
    this.#end = new End({
      ...this.#options,
      runs: this.#runs,
      sinks: this.#services.sinks,
      commits: this.#services.commits,
      data,
      stopping: this.#stopping,
      broken: this.#broken.signal,
      late: this.#late.signal,
      progress: this.#services.progress,
      closing: async () => {
        this.#services.filling.stop();
        this.#services.taps.end();
        await this.#options.closing();
      },
    });
    const reentry = new Reentry({
      topology: () => this.topology,
      added: (host) => addedTo(host, this.topology.shared, this.#options.machine),
      entrance: (id) => this.#runOf(id)?.graph.entrances.get(id),
      ledgers: this.#ledgers,
      signal: AbortSignal.any([this.#stopping.signal, this.#broken.signal]),
    });
    const { sinks, commits } = this.#services;
    this.desk = liveDesk({ data, outbox: sinks.stores.letters, commits, reentry });
  }

  get ended(): Promise<Ending> {
    return this.#end.ended;
  }

  /** Starts the sinks, then the sources. Resolves when they run. */
  start(): Promise<void> {
    this.#starting = this.#start();
    return this.#starting;
  }

  async #start(): Promise<void> {
    for (const run of this.#runs) await run.start();
    this.#replaying = replayMarked(this.desk, this.#data.saved, this.#options.log("weir"));
    this.#isStarted = true;
    void this.#finishWhenDone();
  }

  /** Ends the run when all sources have ended. */
  async #finishWhenDone(): Promise<void> {
    // The sources of a replaced group end, but those of its successor continue.
    for (let known = new Set<GroupRun>(); known.symmetricDifference(this.#runs).size > 0; ) {
      known = new Set(this.#runs);
      await Promise.all([this.#replaying, ...[...known].map((run) => run.readings)]);
      await this.#changes.made;
      if (known.symmetricDifference(this.#runs).size > 0) continue;
      if (this.#stopping.signal.aborted || this.#broken.signal.aborted) return;
      const ending = AbortSignal.any([this.#late.signal, this.#broken.signal]);
      await Promise.all([...known].map((run) => run.finalTicks(ending)));
      await this.#end.drained();
      await this.#changes.made;
    }
    await this.#end.finish(this.#stopping.signal.aborted ? "stopped" : "finished");
  }

  /** Stops reading, drains and ends. Events not delivered within `deadline` milliseconds stay in the outboxes. */
  async stop(deadline: number): Promise<void> {
    if (this.#broken.signal.aborted || this.#late.signal.aborted) return;
    this.#stopping.abort();
    for (const run of this.#runs) run.stopReading();
    const ended = new AbortController();
    const patience = this.#services.sinks.isCut ? 0 : deadline;
    void this.#options.clock.sleep(patience, ended.signal).then(() => this.#late.abort());
    const readings = this.#starting.then(() =>
      Promise.all([this.#replaying, ...[...this.#runs].map((run) => run.readings)]),
    );
    await Promise.race([readings, aborted(this.#late.signal)]);
    await this.#end.drained();
    await this.#end.finish("stopped");
    ended.abort();
  }

  /** Changes to a new topology; see `Changes.replace`. */
  replace(next: Topology, replaced: ReadonlySet<string>, deadline: number): Promise<void> {
    return this.#changes.replace(next, replaced, deadline);
  }

  /** Removes all that is kept of components. Rejects if one of them is in the topology. */
  forget(ids: readonly string[]): Promise<void> {
    return this.#changes.forget(ids);
  }

  /** Ids of the transforms that are not ready for events yet. */
  get unprepared(): readonly string[] {
    return [...this.#runs].flatMap((run) => [...run.unprepared]);
  }

  /** All counters, read at one moment. */
  stats(): Stats {
    const { commits, sinks, state } = this.#services;
    const { bytes, limit, keys, isComplete } = state.indexes;
    return {
      components: allComponentStats(this.topology, this.#ledgers),
      commits_total: commits.commits,
      commit_retries_total: commits.retries,
      outbox_bytes: sinks.stores.storedBytes(),
      uptime_seconds: Math.round(performance.now() - this.#startedAt) / 1000,
      state_index_bytes: bytes,
      state_index_max_bytes: limit,
      state_index_keys: keys,
      state_index_complete: isComplete ? 1 : 0,
      peak_memory_bytes: peakMemory(),
    };
  }

  /** Commits what is settled now, without waiting for more. */
  commitNow(): void {
    this.#services.commits.commitNow();
  }

  /** The earliest time for which a transform wants a tick, in milliseconds since 1970; `undefined` if none does. */
  get nextTick(): number | undefined {
    const wanted = [...this.#runs].flatMap(({ nextTick }) => nextTick ?? []);
    return wanted.length > 0 ? Math.min(...wanted) : undefined;
  }

  /** Call it when the clock has moved by itself, so that ticks that are due come now. */
  clockMoved(): void {
    for (const run of this.#runs) run.clockMoved();
  }

  /** The topology that runs. */
  get topology(): Topology {
    return this.#changes.topology;
  }

  /**
   * Watches events as they pass, from now on until the tap is closed or the run ends; `points`: the outputs or components that
   * it watches. Throws an error for people.
   */
  tap(request: TapRequest): { readonly tap: Tap; readonly points: readonly string[] } {
    const tap = this.#services.taps.attach(request, this.topology);
    return { tap, points: pointsOf(request, this.topology) };
  }

  /** Whether the writer thread is at work. */
  get isCommitting(): boolean {
    return this.#services.commits.isCommitting;
  }

  get phase(): "starting" | "running" | "draining" {
    if (this.#stopping.signal.aborted) return "draining";
    return this.#isStarted ? "running" : "starting";
  }

  /** The problems that make the run not ready, by component; empty when it is ready. */
  get unready(): ReadonlyMap<string, string> {
    return this.#unready;
  }

  /** The committed but undelivered range of each outbox on disk. */
  outboxes(): ReadonlyMap<string, { readonly from: Place; readonly end: Place }> {
    const { outboxes } = this.#services.sinks.stores;
    return new Map([...outboxes].map(([name, { place, end }]) => [name, { from: place, end }]));
  }

  #runOf(component: string): GroupRun | undefined {
    return [...this.#runs].find(({ ids }) => ids.has(component));
  }

  #trouble(part: string, message: string | undefined): void {
    if (message === undefined) this.#unready.delete(part);
    else this.#unready.set(part, message);
  }
}
