import { idOf, outputReference } from "../../topology/reference.ts";
import type {
  Component,
  SinkComponent,
  SourceComponent,
  Topology,
  TransformComponent,
} from "../../topology/topology.ts";
import type { Foretold } from "../../transform/passing-of.ts";
import type { Taps } from "../tap/taps.ts";
import type { Flight } from "./flight.ts";
import type { Expected } from "./gate.ts";
import type { Group, Origin } from "./group.ts";
import { Outlet, type Outlets, type Receiver } from "./outlets.ts";
import type { SourceNode } from "./source-node.ts";
import type { MadeStage } from "./stages/make-stage.ts";
import type { Stage } from "./stages/stage.ts";

/** Makes the running counterpart of each component. */
export interface Makers {
  source(component: SourceComponent, announce: (flight: Flight) => void): SourceNode;
  transform(component: TransformComponent): MadeStage;
  sink(component: SinkComponent): Receiver;
}

/** Where replayed events enter the graph: after a source, or before a transform or sink. */
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
  /** In topological order: each stage comes after those that send to it. */
  readonly stages: ReadonlyMap<string, Stage>;
  /** What each transform says in advance of events. */
  readonly foretold: ReadonlyMap<string, Foretold>;
  readonly entrances: ReadonlyMap<string, Entrance>;
  /** The origin of a tick for these transforms. */
  readonly tickOrigin: (ids: ReadonlySet<string>) => Origin;
}

/** Builds the running graph of a part of a topology. */
export const buildGraph = (
  { components: all }: Topology,
  ids: ReadonlySet<string>,
  group: Group,
  makers: Makers,
  taps: Taps,
): Graph => {
  const components = all.filter(({ id }) => ids.has(id));
  const sources = new Map<string, SourceNode>();
  const stages = new Map<string, Stage>();
  const foretold = new Map<string, Foretold>();
  const outlets = new Map<string, Outlets>();
  const entrances = new Map<string, Entrance>();
  /** Announces a batch to each transform that it will reach, with the inputs that it will come through. */
  const announcing = (start: Start) => {
    const reached = reachedFrom(components, start);
    return (flight: Flight) => {
      for (const { id, expected } of reached) stages.get(id)!.expect(flight, expected);
    };
  };
  const join = (component: Component, receiver: Receiver) => {
    const tap = taps.input(component.id);
    for (const [index, input] of component.inputs.entries()) {
      const { id, output } = outputReference(input);
      outlets.get(id)?.at(output).add(receiver, index, tap);
    }
    const entrance = new Outlet();
    entrance.add(receiver, 0, tap);
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
      const { stage, foretold: said } = makers.transform(component);
      stages.set(id, stage);
      foretold.set(id, said);
      outlets.set(id, stage.outlets);
      entrances.set(id, { kind, group, origin: join(component, stage) });
    } else entrances.set(id, { kind, group, origin: join(component, makers.sink(component)) });
  }
  for (const [id, leaving] of outlets) leaving.watchable((output) => taps.output(id, output));
  const tickOrigin = (ticking: ReadonlySet<string>): Origin => {
    const outlet = new Outlet();
    for (const { id, inputs } of components) if (ticking.has(id)) outlet.add(stages.get(id)!, inputs.length);
    return { id: "tick", outlets: outlet, announce: announcing({ ticking }) };
  };
  return { group, components, sources, stages, foretold, entrances, tickOrigin };
};

/** Where a batch starts: at one component, or as a tick for several. */
type Start = { readonly entered: string } | { readonly ticking: ReadonlySet<string> };

/** The transforms that a batch will reach, and through which of their inputs. */
const reachedFrom = (components: readonly Component[], start: Start) => {
  const passed = new Set<string>();
  return components.flatMap(({ kind, id, inputs }): { readonly id: string; readonly expected: Expected }[] => {
    const isEntered = "entered" in start && start.entered === id;
    const hasTick = "ticking" in start && start.ticking.has(id);
    // It enters the first component through its first input, and later ones from all components it has passed.
    const open = isEntered ? [0] : [...inputs.keys()].filter((index) => passed.has(idOf(inputs[index]!)));
    if (open.length > 0 || hasTick) passed.add(id);
    if (kind !== "transform" || (open.length === 0 && !hasTick)) return [];
    return [{ id, expected: { inputs: open, width: inputs.length, hasTick } }];
  });
};
