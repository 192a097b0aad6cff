import type { Component, SinkComponent, SourceComponent, Topology, TransformComponent } from "../topology/topology.ts";
import type { Flight } from "./flight.ts";
import type { Group, Origin } from "./group.ts";
import { Outlets, type Receiver } from "./outlets.ts";
import type { SourceNode } from "./source-node.ts";
import type { TransformNode } from "./transform-node.ts";

/** Makes the running counterpart of each component; the graph joins them. */
export interface Makers {
  source(component: SourceComponent, group: Group, announce: (flight: Flight) => void): SourceNode;
  transform(component: TransformComponent, group: Group): TransformNode;
  sink(component: SinkComponent, group: Group): Receiver;
}

/** Where events come into a component that were there before: behind a source, before a transform or a sink. */
export interface Entrance {
  readonly origin: Origin;
  readonly kind: Component["kind"];
  readonly group: Group;
}

export interface Graph {
  readonly sources: ReadonlyMap<string, SourceNode>;
  readonly transforms: ReadonlyMap<string, TransformNode>;
  readonly entrances: ReadonlyMap<string, Entrance>;
  readonly groups: readonly Group[];
}

/** Builds the running graph of a topology: every component after its inputs, one order of batches for each group. */
export const buildGraph = (topology: Topology, makeGroup: () => Group, makers: Makers): Graph => {
  const sources = new Map<string, SourceNode>();
  const transforms = new Map<string, TransformNode>();
  const outlets = new Map<string, Outlets>();
  const entrances = new Map<string, Entrance>();
  const groups = topology.groups.map((ids) => ({ ids: new Set(ids), group: makeGroup() }));
  /** Tells each transform that a batch from the origin will come to it, and by which inputs. */
  const announcing = (origin: string) => {
    const reached = reachedFrom(topology, origin);
    return (flight: Flight) => {
      for (const { id, inputs, width } of reached) transforms.get(id)!.expect(flight, inputs, width);
    };
  };
  const join = (component: Component, receiver: Receiver) => {
    for (const [index, input] of component.inputs.entries()) outlets.get(input)?.add(receiver, index);
    const entrance = new Outlets();
    entrance.add(receiver, 0);
    return { id: component.id, outlets: entrance, announce: announcing(component.id) };
  };
  for (const component of topology.components) {
    const { kind, id } = component;
    const { group } = groups.find(({ ids }) => ids.has(id))!;
    if (kind === "source") {
      const node = makers.source(component, group, announcing(id));
      sources.set(id, node);
      outlets.set(id, node.outlets);
      entrances.set(id, { kind, group, origin: node });
    } else if (kind === "transform") {
      const node = makers.transform(component, group);
      transforms.set(id, node);
      outlets.set(id, node.outlets);
      entrances.set(id, { kind, group, origin: join(component, node) });
    } else entrances.set(id, { kind, group, origin: join(component, makers.sink(component, group)) });
  }
  return { sources, transforms, entrances, groups: groups.map(({ group }) => group) };
};

/** The transforms that a batch comes to which enters the graph at `origin`, and by which of their inputs. */
const reachedFrom = ({ components }: Topology, origin: string) => {
  const passed = new Set<string>();
  return components.flatMap(({ kind, id, inputs }) => {
    // Into the origin itself, if that is a transform, by its first input; after it, from whatever the batch has passed.
    const open = id === origin ? [0] : [...inputs.keys()].filter((index) => passed.has(inputs[index]!));
    if (open.length > 0) passed.add(id);
    return kind === "transform" && open.length > 0 ? [{ id, width: inputs.length, inputs: open }] : [];
  });
};
