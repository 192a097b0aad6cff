import type { Deployment } from "../../context.ts";
import { dataRead } from "../../topology/data-read.ts";
import type { Topology } from "../../topology/topology.ts";
import { addedTo } from "./deployment.ts";
import type { Makers } from "./graph.ts";
import type { Group } from "./group.ts";
import type { RunServices } from "./run-services.ts";
import { SourceNode } from "./source-node.ts";
import { makeStage } from "./stages/make-stage.ts";
import type { Waiters } from "./waiters.ts";

export interface Making {
  readonly topology: Topology;
  readonly group: Group;
  readonly services: RunServices;
  readonly deployment: Deployment;
  /** Aborts when the results of transforms are no longer used. */
  readonly signal: AbortSignal;
  /** Woken when a transform asks for another time. */
  readonly wakes: Waiters;
}

/** Makes the running counterparts of the components of a group. */
export const makersOf = ({ topology, group, services, deployment, signal, wakes }: Making): Makers => {
  const { ledgers, stamps, sinks, checkpoints, fail, log, contextOf, trusted, progress, machine } = services;
  const { shared } = topology;
  return {
    source: ({ id, host, plugin }, announce) =>
      new SourceNode({
        log: log(id),
        fail,
        id,
        decoding: {
          ...host,
          dataRead: dataRead(topology, id, (plugin) => trusted.has(plugin)),
        },
        replays: plugin.replays !== false,
        added: addedTo(host, shared, machine),
        group,
        stamps,
        announce,
        ledger: ledgers.get(id)!,
        deadLetters: sinks.deadLetters,
        checkpoints: checkpoints.of(id),
      }),
    transform: (component) => {
      const { id, plugin, config, host } = component;
      return makeStage(component, {
        ...services,
        log: log(id),
        context: { ...contextOf(id, config, signal), deployment },
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
    },
    sink: (component) => sinks.receiver(component, group),
  };
};
