import type { Component, SinkComponent, SourceComponent, Topology, TransformComponent } from "../topology/topology.ts";
import type { Flight } from "./flight.ts";
import type { Group } from "./group.ts";
import type { Outlets, Receiver } from "./outlets.ts";
import type { SourceNode } from "./source-node.ts";
import type { TransformNode } from "./transform-node.ts";

/** Makes the running counterpart of each component; the graph joins them. */
export interface Makers {
  source(component: SourceComponent, group: Group, announce: (flight: Flight) => void): SourceNode;
  transform(component: TransformComponent, group: Group): TransformNode;
  sink(component: SinkComponent, group: Group): Receiver;
}

export interface Graph {
  readonly sources: ReadonlyMap<string, SourceNode>;
  readonly transforms: ReadonlyMap<string, TransformNode>;
  readonly groups: readonly Group[];
}

/** Builds the running graph of a topology: every component after its inputs, one order of batches for each group. */
export const buildGraph = (topology: Topology, makeGroup: () => Group, makers: Makers): Graph => {
  const sources = new Map<string, SourceNode>();
  const transforms = new Map<string, TransformNode>();
  const outlets = new Map<string, Outlets>();
  const groups = topology.groups.map((ids) => ({ ids: new Set(ids), group: makeGroup() }));
  const join = (component: Component, receiver: Receiver) => {
    for (const [index, input] of component.inputs.entries()) outlets.get(input)?.add(receiver, index);
  };
  for (const component of topology.components) {
    const { group } = groups.find(({ ids }) => ids.has(component.id))!;
    if (component.kind === "source") {
      const node = makers.source(component, group, (flight) => announce(component.id, flight));
      sources.set(component.id, node);
      outlets.set(component.id, node.outlets);
    } else if (component.kind === "transform") {
      const node = makers.transform(component, group);
      transforms.set(component.id, node);
      outlets.set(component.id, node.outlets);
      join(component, node);
    } else join(component, makers.sink(component, group));
  }

  const reached = new Map([...sources.keys()].map((source) => [source, reachedBy(topology, source)]));
  const announce = (source: string, flight: Flight) => {
    for (const { id, inputs, width } of reached.get(source)!) transforms.get(id)!.expect(flight, inputs, width);
  };
  return { sources, transforms, groups: groups.map(({ group }) => group) };
};

/** The transforms that a source's batches come to, and by which of their inputs. */
const reachedBy = ({ components, sourcesOf }: Topology, source: string) =>
  components
    .filter(({ kind, id }) => kind === "transform" && sourcesOf(id).includes(source))
    .map(({ id, inputs }) => ({
      id,
      width: inputs.length,
      inputs: [...inputs.keys()].filter((index) => sourcesOf(inputs[index]!).includes(source)),
    }));
