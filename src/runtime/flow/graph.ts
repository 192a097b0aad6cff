import { idOf, outputReference } from "../../topology/reference.ts";
import type {
  Component,
  SinkComponent,
  SourceComponent,
  Topology,
  TransformComponent,
} from "../../topology/topology.ts";
import type { Flight } from "./flight.ts";
import type { Expected } from "./gate.ts";
import type { Group, Origin } from "./group.ts";
import { Outlet, type Outlets, type Receiver } from "./outlets.ts";
import type { SourceNode } from "./source-node.ts";
import type { Stage } from "./stages/stage.ts";

/** Makes the running counterpart of each component; the graph joins them. */
export interface Makers {
  source(component: SourceComponent, announce: (flight: Flight) => void): SourceNode;
  transform(component: TransformComponent): Stage;
  sink(component: SinkComponent): Receiver;
}

/** Where events come into a component that were there before: behind a source, before a transform or a sink. */
export interface Entrance {
  readonly origin: Origin;
  readonly kind: Component["kind"];
  readonly group: Group;
}

/** The running components of one commit group. */
export interface Graph {
  readonly group: Group;
  readonly components: readonly Component[];
  readonly sources: ReadonlyMap<string, SourceNode>;
  /** Each after those that send it events. */
  readonly stages: ReadonlyMap<string, Stage>;
  readonly entrances: ReadonlyMap<string, Entrance>;
  /** Where a tick for these transforms comes in. */
  readonly tickOrigin: (ids: ReadonlySet<string>) => Origin;
}

/** Builds the running graph of a part of a topology: every component after its inputs. */
export const buildGraph = (
  { components: all }: Topology,
  ids: ReadonlySet<string>,
  group: Group,
  makers: Makers,
): Graph => {
  const components = all.filter(({ id }) => ids.has(id));
  const sources = new Map<string, SourceNode>();
  const stages = new Map<string, Stage>();
  const outlets = new Map<string, Outlets>();
  const entrances = new Map<string, Entrance>();
  /** Tells each transform that a batch will come to it, and by which inputs. */
  const announcing = (start: Start) => {
    const reached = reachedFrom(components, start);
    return (flight: Flight) => {
      for (const { id, expected } of reached) stages.get(id)!.expect(flight, expected);
    };
  };
  const join = (component: Component, receiver: Receiver) => {
    for (const [index, input] of component.inputs.entries()) {
      const { id, output } = outputReference(input);
      outlets.get(id)?.at(output).add(receiver, index);
    }
    const entrance = new Outlet();
    entrance.add(receiver, 0);
    return { id: component.id, outlets: entrance, announce: announcing({ entered: component.id }) };
  };
  for (const component of components) {
    const { kind, id } = component;
    if (kind === "source") {
      const node = makers.source(component, announcing({ entered: id }));
      sources.set(id, node);
      outlets.set(id, node.outlets);
      entrances.set(id, { kind, group, origin: node });
    } else if (kind === "transform") {
      const stage = makers.transform(component);
      stages.set(id, stage);
      outlets.set(id, stage.outlets);
      entrances.set(id, { kind, group, origin: join(component, stage) });
    } else entrances.set(id, { kind, group, origin: join(component, makers.sink(component)) });
  }
  const tickOrigin = (ticking: ReadonlySet<string>): Origin => {
    const outlet = new Outlet();
    for (const { id, inputs } of components) if (ticking.has(id)) outlet.add(stages.get(id)!, inputs.length);
    return { id: "tick", outlets: outlet, announce: announcing({ ticking }) };
  };
  return { group, components, sources, stages, entrances, tickOrigin };
};

/** Where a batch comes in: into or out of one component, or as a tick for several. */
type Start = { readonly entered: string } | { readonly ticking: ReadonlySet<string> };

/** The transforms that a batch comes to, and by which of their inputs. */
const reachedFrom = (components: readonly Component[], start: Start) => {
  const passed = new Set<string>();
  return components.flatMap(({ kind, id, inputs }): { readonly id: string; readonly expected: Expected }[] => {
    const isEntered = "entered" in start && start.entered === id;
    const hasTick = "ticking" in start && start.ticking.has(id);
    // Into the component where it enters by the first input; after it, from whatever the batch has passed.
    const open = isEntered ? [0] : [...inputs.keys()].filter((index) => passed.has(idOf(inputs[index]!)));
    if (open.length > 0 || hasTick) passed.add(id);
    if (kind !== "transform" || (open.length === 0 && !hasTick)) return [];
    return [{ id, expected: { inputs: open, width: inputs.length, hasTick } }];
  });
};
