import type { Clock } from "../../clock.ts";
import type { Context, Log } from "../../context.ts";
import type { Plugin } from "../../plugin.ts";
import type { Ledger } from "../../telemetry/ledger.ts";
import type { SourceComponent, Topology, TransformComponent } from "../../topology/topology.ts";
import type { CommitLoop } from "../commit-loop.ts";
import type { Sinks } from "../delivery/sinks.ts";
import type { StateStore } from "../state/state-store.ts";
import type { Checkpoints } from "./checkpoints.ts";
import type { Flight } from "./flight.ts";
import { buildGraph, type Graph } from "./graph.ts";
import { Group } from "./group.ts";
import { runSource } from "./run-source.ts";
import { SourceNode } from "./source-node.ts";
import { KeepStage } from "./stages/keep-stage.ts";
import { makeStage } from "./stages/make-stage.ts";
import type { Stage } from "./stages/stage.ts";
import type { Stamps } from "./stamp.ts";
import { Ticker } from "./ticker.ts";

import { aborted, Waiters } from "./waiters.ts";
import { watchHolds } from "./watch-holds.ts";

/** What the groups of a process share, and what outlives each of them. */
export interface Surroundings {
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: (component: string) => Log;
  /** Bytes of uncommitted batches in a group beyond which its sources are not asked for more. */
  readonly budget: number;
  readonly ledgers: ReadonlyMap<string, Ledger>;
  readonly contextOf: (id: string, config: unknown, signal: AbortSignal) => Context<never>;
  /** Plugins that are known to leave data as it is, and to put out nothing that JSON cannot carry. */
  readonly trusted: ReadonlySet<Plugin>;
  /** Operators on batches are checked on their first events. */
  readonly checkPlugins: boolean;
  readonly state: StateStore;
  readonly stamps: Stamps;
  readonly sinks: Sinks;
  readonly commits: CommitLoop;
  readonly checkpoints: Checkpoints;
  /** Something waits for a turn of the event loop. */
  readonly isWaitedFor: () => boolean;
  /** Something moved that may have been waited for. */
  readonly progress: Waiters;
  /** Why a component makes the run unready; `undefined` when it does not any more. */
  readonly onTrouble: (component: string, message: string | undefined) => void;
  /** A component broke its contract: the process must end. */
  readonly fail: (component: string, error: unknown) => void;
}

/**
 * One commit group at work: its sources are pulled, its batches pass the transforms in order, its sinks are delivered
 * to. It can be brought to rest and closed while the process goes on, and another one can take its place: outboxes,
 * state and checkpoints are not its own.
 */
export class GroupRun {
  readonly ids: ReadonlySet<string>;
  readonly graph: Graph;
  readonly #around: Surroundings;
  readonly #ticker: Ticker;
  /** Ends the sources. */
  readonly #reading = new AbortController();
  /** Ends the transforms: whatever still comes of them counts for nothing. */
  readonly #working = new AbortController();
  /** Ends the deliveries. */
  readonly #delivering = new AbortController();
  #readings: Promise<unknown> = Promise.resolve();
  #deliveries: Promise<unknown> = Promise.resolve();

  /** Builds it; nothing runs yet. Throws a BuildError for a component that cannot be built. */
  constructor(topology: Topology, ids: ReadonlySet<string>, around: Surroundings, next = 1) {
    const { clock, budget, commits } = around;
    this.ids = ids;
    this.#around = around;
    const quiet = () => {
      commits.admit();
      around.progress.wake();
    };
    const group = new Group(clock, budget, () => commits.poke(), next, quiet);
    const wakes = new Waiters();
    this.graph = buildGraph(topology, ids, group, {
      source: (component, announce) => this.#source(component, topology, group, announce),
      transform: (component) => this.#stage(component, group, wakes),
      sink: (component) => around.sinks.receiver(component, group),
    });
    const { sources, stages, tickOrigin } = this.graph;
    this.#ticker = new Ticker({
      ...around,
      group,
      stages: [...stages.values()].filter((stage) => stage instanceof KeepStage).filter((stage) => stage.hasTicks),
      origin: tickOrigin,
      wakes,
      idle: (id) => Math.min(...topology.sourcesOf(id).map((source) => sources.get(source)?.idle ?? 0)),
    });
  }

  #source(
    { id, host }: SourceComponent,
    { components }: Topology,
    group: Group,
    announce: (flight: Flight) => void,
  ): SourceNode {
    const { ledgers, stamps, sinks, checkpoints } = this.#around;
    return new SourceNode({
      id,
      decoding: {
        ...host,
        isDataRead: components.some(({ kind, inputs }) => kind === "transform" && inputs.includes(id)),
      },
      group,
      stamps,
      announce,
      ledger: ledgers.get(id)!,
      deadLetters: sinks.deadLetters,
      checkpoints: checkpoints.of(id),
    });
  }

  #stage(component: TransformComponent, group: Group, wakes: Waiters): Stage {
    const { id, plugin, config, host } = component;
    const { sinks, ledgers, log, contextOf, trusted, fail, progress } = this.#around;
    return makeStage(component, {
      ...this.#around,
      log: log(id),
      context: contextOf(id, config, this.#working.signal),
      onWake: () => wakes.wake(),
      stage: {
        id,
        group,
        ledger: ledgers.get(id)!,
        outputs: host.outputs,
        dropOutputs: host.dropOutputs,
        isTrusted: trusted.has(plugin),
        reject: (flight, component, rejections) => {
          flight.open++;
          sinks.deadLetters.reject(flight, component, rejections, () => group.release(flight));
        },
        fail,
        onIdle: () => progress.wake(),
      },
    });
  }

  /** Starts sinks first, then sources; resolves when they run. */
  async start(): Promise<void> {
    const { sinks, commits, clock, log, onTrouble } = this.#around;
    const { group, components, stages } = this.graph;
    commits.add(group);
    const deliveries: Promise<void>[] = [];
    for (const component of components)
      if (component.kind === "sink") {
        await sinks.recover(component);
        deliveries.push(this.#guard(component.id, sinks.deliver(component, this.#delivering.signal)));
      }
    this.#deliveries = Promise.allSettled(deliveries);
    const { signal } = this.#working;
    void this.#guard("weir", watchHolds({ stages, onTrouble, clock, log, signal }));
    void this.#guard("weir", this.#ticker.run(AbortSignal.any([this.#reading.signal, signal])));
    const sources = components.filter((component) => component.kind === "source");
    this.#readings = Promise.all(sources.map((component) => this.#guard(component.id, this.#read(component))));
  }

  #read(component: SourceComponent): Promise<void> {
    const { contextOf, isWaitedFor, checkpoints } = this.#around;
    const { id, config } = component;
    return runSource({
      component,
      node: this.graph.sources.get(id)!,
      context: contextOf(id, config, this.#reading.signal),
      checkpoints: checkpoints.of(id),
      isWaitedFor,
    });
  }

  /** Resolves when all of its sources have ended, by themselves or because they were stopped. */
  get readings(): Promise<unknown> {
    return this.#readings;
  }

  get deliveries(): Promise<unknown> {
    return this.#deliveries;
  }

  /** Asks its sources to end, and gives out no more ticks. */
  stopReading(): void {
    this.#reading.abort();
  }

  /** All of its sources have ended: what transforms still remember of open windows comes out. */
  finalTicks(late: AbortSignal): Promise<void> {
    return this.#ticker.final(AbortSignal.any([late, this.#reading.signal]));
  }

  /** Takes nothing more in, and resolves when all that is in is committed, or `late` aborts. */
  async drain(late: AbortSignal): Promise<void> {
    const { progress, commits } = this.#around;
    this.graph.group.close();
    // From the top: what is asked to send on its last batches comes after everything that sends it some.
    for (const stage of this.graph.stages.values()) {
      stage.complete();
      while (!stage.isIdle && !late.aborted) await progress.wait(late);
    }
    commits.hurry();
    await this.graph.group.idle(late);
  }

  /** Ends its deliveries; what is not delivered stays in the outboxes. */
  stopDelivering(): void {
    this.#delivering.abort();
  }

  /** Ends it as it stands. Whatever is not committed is given back: clients are told, and sources will read it again. */
  abandon(): readonly Flight[] {
    this.#reading.abort();
    this.#delivering.abort();
    this.#working.abort();
    const left = this.graph.group.abandon();
    for (const [id, stage] of this.graph.stages) {
      stage.close();
      this.#around.onTrouble(id, undefined);
    }
    return left;
  }

  /** Brings it to rest for another one to take its place; what is not committed by the time `late` aborts is given back. */
  async quiesce(late: AbortSignal): Promise<void> {
    const { commits, sinks, ledgers } = this.#around;
    this.stopReading();
    await Promise.race([this.#readings, aborted(late)]);
    await this.drain(late);
    this.stopDelivering();
    await Promise.race([this.#deliveries, aborted(late)]);
    await commits.remove(this.graph.group);
    sinks.abandon(this.abandon());
    for (const id of this.graph.stages.keys()) ledgers.get(id)!.giveBack();
  }

  async #guard(component: string, work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#around.fail(component, error);
    }
  }
}
