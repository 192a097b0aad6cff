import type { Plugin } from "../plugin.ts";
import { idOf, outputReference } from "../topology/reference.ts";
import {
  type Component,
  type DecodingOptions,
  type SourceComponent,
  type Topology,
  type TransformComponent,
  topologyOf,
} from "../topology/topology.ts";
import { baselineId, copyId } from "./ids.ts";
import { baselineSource } from "./source.ts";

/** What the host reads of a component's options in order to read its baseline. */
export interface Baseline {
  readonly from: readonly string[];
  readonly order: "time" | "name";
}

type FileSource = Extract<Plugin, { readonly kind: "source" }>;

/** The baseline that a component asks for. */
export const baselineOf = ({ kind, plugin, config }: Component): Baseline | undefined =>
  kind === "transform" && plugin.kind === "transform" && plugin.keep && plugin.learns
    ? (config as { readonly baseline?: Baseline }).baseline
    : undefined;

/**
 * The components, with what reads the baselines of some: for each, a hidden source for its files, and copies of the
 * transforms between the sources and the component. They feed the component alone, and have the member `baselineOf`.
 */
export const withBaselines = (components: readonly Component[], file: FileSource): readonly Component[] => {
  const byId = new Map(components.map((component) => [component.id, component]));
  const hidden: Component[] = [];
  const all = components.map((component): Component => {
    const baseline = baselineOf(component);
    if (!baseline || component.kind !== "transform") return component;
    const path = pathTo(component, byId);
    const from = (input: string): string => {
      const { id, output } = outputReference(input);
      if (byId.get(id)?.kind === "source") return baselineId(component.id);
      return output === undefined ? copyId(component.id, id) : `${copyId(component.id, id)}.${output}`;
    };
    const inputsOf = ({ inputs }: Component) => [...new Set(inputs.map(from))];
    const sources = path.filter((each) => each.kind === "source");
    hidden.push(sourceFor(component, baseline, file, sources));
    for (const each of path)
      if (each.kind === "transform")
        hidden.push({
          ...each,
          id: copyId(component.id, each.id),
          inputs: inputsOf(each),
          baselineOf: component.id,
        });
    return { ...component, inputs: [...component.inputs, ...inputsOf(component)] };
  });
  return [...all, ...hidden];
};

/** Globs of the files that are read as baselines of the components after a source. */
export const baselinesAfter = ({ components, sourcesOf }: Topology, source: string): readonly string[] =>
  components.flatMap(({ kind, config, baselineOf: of }) =>
    kind === "source" && of !== undefined && sourcesOf(of).includes(source)
      ? (config as { readonly include: readonly string[] }).include
      : [],
  );

/** The topology as if all components had learned: for what looks at single events, and does not read the sources. */
export const withoutLearning = (topology: Topology): Topology => {
  const hidden = new Set(topology.components.filter((each) => each.baselineOf !== undefined).map(({ id }) => id));
  if (hidden.size === 0 && !topology.components.some(isLearning)) return topology;
  const components = topology.components
    .filter(({ id }) => !hidden.has(id))
    .map((each): Component => {
      const config = isLearning(each)
        ? { ...(each.config as object), baseline: undefined, learn_for: undefined }
        : each.config;
      return { ...each, config, inputs: each.inputs.filter((input) => !hidden.has(idOf(input))) };
    });
  return topologyOf(components, topology.shared);
};

const isLearning = ({ plugin, config }: Component): boolean => {
  if (plugin.kind !== "transform" || !plugin.keep || !plugin.learns) return false;
  const { baseline, learn_for } = config as Readonly<Record<string, unknown>>;
  return baseline !== undefined || learn_for !== undefined;
};

/** The components that the events of a component come through. */
const pathTo = (component: Component, byId: ReadonlyMap<string, Component>): readonly Component[] => {
  const seen = new Set(component.inputs.map(idOf));
  // A set is walked in the order of its additions, those during the walk included.
  for (const id of seen) for (const input of byId.get(id)?.inputs ?? []) seen.add(idOf(input));
  return [...seen].flatMap((id) => byId.get(id) ?? []);
};

const sourceFor = (
  { id }: TransformComponent,
  { from, order }: Baseline,
  file: FileSource,
  sources: readonly SourceComponent[],
): SourceComponent => {
  const like = sources.find(({ plugin }) => plugin === file) ?? sources[0];
  return {
    id: baselineId(id),
    kind: "source",
    plugin: baselineSource(file),
    config: { include: from, order, follow: false, read_from: "beginning", poll_interval: 1_000 },
    host: like ? linesLike(like.host, like.plugin === file) : lines,
    inputs: [],
    baselineOf: id,
  };
};

const lines: DecodingOptions = {
  codec: "json",
  framing: "newline",
  maxLine: 16 * 1024 * 1024,
  splitItems: "auto",
  encoding: "auto",
  invalidText: "replace",
};

/** Files have lines, also where the source receives requests. */
const linesLike = (host: DecodingOptions, isFile: boolean): DecodingOptions =>
  isFile ? host : { ...host, framing: "newline", multiline: undefined };
