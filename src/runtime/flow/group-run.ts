import { baselinesAfter } from "../../baseline/components.ts";
import type { Deployment } from "../../context.ts";
import type { SourceComponent, Topology } from "../../topology/topology.ts";
import { deploymentOf } from "./deployment.ts";
import type { Flight } from "./flight.ts";
import { buildGraph, type Graph } from "./graph.ts";
import { Group } from "./group.ts";
import { insideFor } from "./inside.ts";
import { makersOf } from "./makers.ts";
import { passOver } from "./passing/pass-over.ts";
import { readInTurn } from "./read-in-turn.ts";
import type { RunServices } from "./run-services.ts";
import { runSource } from "./run-source.ts";
import { KeepStage } from "./stages/keep-stage.ts";
import { Ticker } from "./ticker.ts";
import { aborted, Waiters } from "./waiters.ts";
import { watchHolds } from "./watch-holds.ts";

/**
 * Runs one commit group: reads its sources, passes batches through its transforms in order, and delivers to its sinks. It
 * can be stopped and replaced by another one while the process continues, because outboxes, state and checkpoints outlive
 * it.
 */
export class GroupRun {
  readonly ids: ReadonlySet<string>;
  readonly graph: Graph;
  readonly #services: RunServices;
  readonly #topology: Topology;
  readonly #deployment: Deployment;
  readonly #ticker: Ticker;
  readonly #wakes = new Waiters();
  /** Aborting it ends the sources. */
  readonly #reading = new AbortController();
  /** Aborting it ends the transforms. Their later results are ignored. */
  readonly #working = new AbortController();
  /** Aborting it ends the deliveries. */
  readonly #delivering = new AbortController();
  readonly #unprepared = new Set<string>();
  #readings: Promise<unknown> = Promise.resolve();
  #deliveries: Promise<unknown> = Promise.resolve();

  /** Builds the graph, without starting it. Throws a `BuildError` for a component that cannot be built. */
  constructor(topology: Topology, ids: ReadonlySet<string>, services: RunServices, next = 1) {
    const { clock, budget, commits } = services;
    this.ids = ids;
    this.#services = services;
    this.#topology = topology;
    this.#deployment = deploymentOf(topology.shared, services.machine);
    const quiet = () => {
      commits.admit();
      services.progress.wake();
    };
    const group = new Group(clock, budget, () => commits.schedule(), next, quiet);
    const wakes = this.#wakes;
    const deployment = this.#deployment;
    const makers = makersOf({ topology, group, services, deployment, signal: this.#working.signal, wakes });
    this.graph = buildGraph(topology, ids, group, makers, services.taps);
    if (services.passesOver) passOver(this.graph, services);
    const { sources, stages, tickOrigin } = this.graph;
    this.#ticker = new Ticker({
      ...services,
      group,
      stages: [...stages.values()].filter((stage) => stage instanceof KeepStage).filter((stage) => stage.hasTicks),
      origin: tickOrigin,
      wakes,
      idle: (id) => Math.min(...topology.sourcesOf(id).map((source) => sources.get(source)?.idle ?? 0)),
    });
  }

  /** Starts the sinks, then the sources. Resolves when they run. */
  async start(): Promise<void> {
    const { sinks, commits, clock, log, onTrouble } = this.#services;
    const { group, components, stages } = this.graph;
    commits.add(group);
    const deliveries: Promise<void>[] = [];
    for (const component of components)
      if (component.kind === "sink") {
        await sinks.stores.recover(component);
        deliveries.push(this.#guard(component.id, sinks.deliver(component, this.#delivering.signal)));
      }
    this.#deliveries = Promise.allSettled(deliveries);
    const { signal } = this.#working;
    if (this.#services.watchHolds) void this.#guard("weir", watchHolds({ stages, onTrouble, clock, log, signal }));
    void this.#guard("weir", this.#ticker.run(AbortSignal.any([this.#reading.signal, signal])));
    const sources = components.filter((component) => component.kind === "source");
    for (const { id } of sources)
      void this.#guard(id, this.graph.sources.get(id)!.closeTexts(AbortSignal.any([this.#reading.signal, signal])));
    const prepared = this.#prepare();
    const read = (component: SourceComponent) =>
      prepared ? prepared.then(() => this.#read(component)) : this.#read(component);
    this.#readings = readInTurn(sources, {
      ...this.#services,
      group,
      signal: this.#reading.signal,
      read: (component) => this.#guard(component.id, read(component)),
    });
  }

  /** Resolves when the transforms are ready for events, or the sources must end; `undefined` if they all are. */
  #prepare(): Promise<unknown> | undefined {
    const all = [...this.graph.stages].flatMap(([id, stage]) => {
      const prepared = stage instanceof KeepStage ? stage.prepare() : undefined;
      if (!prepared) return [];
      this.#unprepared.add(id);
      const { onTrouble } = this.#services;
      onTrouble(id, `the transform "${id}" does not have what it needs before the first event; its log says why`);
      return [
        this.#guard(id, prepared).then(() => {
          this.#unprepared.delete(id);
          onTrouble(id, undefined);
        }),
      ];
    });
    return all.length > 0 ? Promise.race([Promise.all(all), aborted(this.#reading.signal)]) : undefined;
  }

  #read(component: SourceComponent): Promise<void> {
    const { contextOf, isWaitedFor, checkpoints, ledgers, scanThreads } = this.#services;
    const { id, config } = component;
    const ledger = ledgers.get(id)!;
    // What it read before it was replaced says nothing about what it reads now.
    ledger.progress = undefined;
    return runSource({
      component,
      node: this.graph.sources.get(id)!,
      context: { ...contextOf(id, config, this.#reading.signal), deployment: this.#deployment },
      checkpoints: checkpoints.of(id),
      baselines: baselinesAfter(this.#topology, id),
      progress: ({ bytes, total }) => {
        ledger.progress = { bytes, total };
      },
      inside: insideFor(id, this.#topology, this.#services),
      isWaitedFor,
      leastAhead: scanThreads?.least,
    });
  }

  /** Ids of the transforms that are not ready for events yet: until they are, the sources are not read. */
  get unprepared(): ReadonlySet<string> {
    return this.#unprepared;
  }

  /** Resolves when all sources have ended, on their own or because they were stopped. */
  get readings(): Promise<unknown> {
    return this.#readings;
  }

  /** The earliest time for which a transform wants a tick, in milliseconds since 1970; `undefined` if none does. */
  get nextTick(): number | undefined {
    return this.#ticker.next;
  }

  /** Call it when the clock has moved by itself, so that ticks that are due come now. */
  clockMoved(): void {
    this.#wakes.wake();
  }

  get deliveries(): Promise<unknown> {
    return this.#deliveries;
  }

  /** Asks the sources to end, and stops ticks. */
  stopReading(): void {
    this.#reading.abort();
  }

  /** Sends the final ticks after all sources have ended, so that transforms emit their open windows. */
  finalTicks(late: AbortSignal): Promise<void> {
    return this.#ticker.final(AbortSignal.any([late, this.#reading.signal]));
  }

  /** Accepts no more batches. Resolves when all accepted ones are committed, or `late` aborts. */
  async drain(late: AbortSignal): Promise<void> {
    const { progress, commits } = this.#services;
    this.graph.group.close();
    // In topological order: a stage is completed only when no stage before it can send it more batches.
    for (const stage of this.graph.stages.values()) {
      // After the deadline, a stage before it may still hold batches.
      if (late.aborted) return;
      stage.complete();
      while (!stage.isIdle && !late.aborted) await progress.wait(late);
    }
    commits.commitNow();
    await this.graph.group.idle(late);
  }

  /** Ends the deliveries. Undelivered events stay in the outboxes. */
  stopDelivering(): void {
    this.#delivering.abort();
  }

  /**
   * Ends the run at once. Uncommitted batches are abandoned: clients are notified, and sources will read the data again.
   * Returns these batches.
   */
  abandon(): readonly Flight[] {
    this.#reading.abort();
    this.#delivering.abort();
    this.#working.abort();
    const left = this.graph.group.abandon();
    for (const [id, stage] of this.graph.stages) {
      stage.close();
      this.#services.onTrouble(id, undefined);
    }
    return left;
  }

  /** Stops the run, so that another one can replace it. Batches not committed before `late` aborts are abandoned. */
  async quiesce(late: AbortSignal): Promise<void> {
    const { commits, sinks, ledgers } = this.#services;
    this.stopReading();
    await Promise.race([this.#readings, aborted(late)]);
    await this.drain(late);
    this.stopDelivering();
    await Promise.race([this.#deliveries, aborted(late)]);
    await commits.remove(this.graph.group);
    sinks.leave(this.ids, this.abandon());
    for (const id of this.graph.stages.keys()) ledgers.get(id)!.giveBack();
  }

  async #guard(component: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#services.fail(component, error);
    }
  }
}
