import type { Clock } from "../clock.ts";
import type { Context, Log } from "../plugin.ts";
import type { Ledger } from "../telemetry/ledger.ts";
import type { Topology } from "../topology/topology.ts";
import type { DataDir } from "./data-dir.ts";
import type { Makers } from "./graph.ts";
import type { Sinks } from "./sinks.ts";
import { SourceNode } from "./source-node.ts";
import type { Stamps } from "./stamp.ts";
import type { StateStore } from "./state-store.ts";
import { TransformNode } from "./transform-node.ts";

export interface NodeOptions {
  readonly topology: Topology;
  readonly data: DataDir;
  readonly state: StateStore;
  readonly stamps: Stamps;
  readonly sinks: Sinks;
  readonly ledgers: ReadonlyMap<string, Ledger>;
  readonly log: (component: string) => Log;
  readonly contextOf: ContextOf;
  readonly fail: (component: string, error: unknown) => void;
  /** A transform has nothing to do. */
  readonly onIdle: () => void;
}

/** What every component is given, besides what its kind has of its own. */
export type ContextOf = (id: string, config: unknown) => Context<never>;

export const contextsOf =
  (options: {
    readonly clock: Clock;
    readonly log: (component: string) => Log;
    readonly ledgers: ReadonlyMap<string, Ledger>;
  }) =>
  (id: string, config: unknown, signal: AbortSignal): Context<never> => {
    const { clock, log, ledgers } = options;
    const refused = (reason: string) => ledgers.get(id)!.refuse(reason);
    // Checked and decoded by the plugin's own schema: its type is the plugin's, which a list of plugins cannot know.
    return { id, config: config as never, signal, clock, log: log(id), refused };
  };

/** Makes the running counterparts of a topology's components. */
export const nodeMakers = (options: NodeOptions): Makers => {
  const { topology, data, state, stamps, sinks, ledgers, log, contextOf, fail, onIdle } = options;
  return {
    source: ({ id, host }, group, announce) =>
      new SourceNode({
        id,
        decoding: {
          ...host,
          isDataRead: topology.components.some(({ kind, inputs }) => kind === "transform" && inputs.includes(id)),
        },
        group,
        stamps,
        announce,
        ledger: ledgers.get(id)!,
        deadLetters: sinks.deadLetters,
        checkpoints: data.saved.checkpoints.get(id) ?? new Map(),
      }),
    transform: ({ id, plugin, config }, group) =>
      new TransformNode({
        id,
        operator: plugin.create({ ...contextOf(id, config), state: state.for(id) }),
        group,
        ledger: ledgers.get(id)!,
        log: log(id),
        reject: (flight, component, rejections) => {
          flight.open++;
          sinks.deadLetters.reject(flight, component, rejections, () => group.release(flight));
        },
        fail,
        onIdle,
      }),
    sink: (component, group) => sinks.receiver(component, group),
  };
};
