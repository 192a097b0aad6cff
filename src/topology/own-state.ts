import { type Component, type Topology, topologyOf } from "./topology.ts";

/** The same pipeline with all of its state on disk: what only tries it out must not change a state that others share. */
export const withOwnState = (topology: Topology): Topology => {
  if (!topology.components.some(isShared)) return topology;
  return topologyOf(topology.components.map(onDisk), topology.shared);
};

/** What the option `state` of a component says, if its plugin defines it (`stateOption`). */
const stateOf = ({ kind, config }: Component): { readonly type?: unknown; readonly max_size?: unknown } | undefined =>
  kind === "transform" ? (config as { readonly state?: { readonly type?: unknown } }).state : undefined;

const isShared = (component: Component): boolean => (stateOf(component)?.type ?? "disk") !== "disk";

const onDisk = (component: Component): Component => {
  if (!isShared(component)) return component;
  const state = { type: "disk", max_size: stateOf(component)?.max_size };
  return { ...component, config: { ...(component.config as object), state } };
};
