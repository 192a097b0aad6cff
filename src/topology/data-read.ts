import type { Plugin } from "../plugin.ts";
import { idOf } from "./reference.ts";
import type { Topology } from "./topology.ts";

/**
 * What the transforms that the events of a source come to, directly or through others, read of them: `none` if only sinks get
 * them, `parts` if each of the transforms reads only some members. `isTrusted`: the data of other plugins is read by the host.
 */
export const dataRead = (
  { components }: Pick<Topology, "components">,
  source: string,
  isTrusted: (plugin: Plugin) => boolean,
): "none" | "parts" | "all" => {
  const reached = new Set([source]);
  let read: "none" | "parts" = "none";
  // Every component comes after its inputs.
  for (const { id, kind, plugin, config, inputs } of components) {
    if (kind !== "transform" || !inputs.some((input) => reached.has(idOf(input)))) continue;
    reached.add(id);
    if (!plugin.each || !isTrusted(plugin) || plugin.readsParts?.(config as never) !== true) return "all";
    read = "parts";
  }
  return read;
};
