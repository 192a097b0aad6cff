import type { BuiltCodec } from "../codec.ts";
import type { Multiline } from "../decode/join/multiline.ts";
import type { Encoding } from "../encodings.ts";
import type { OriginMode } from "../origin/origin.ts";
import type { CodecName, Framing, Plugin, Sink } from "../plugin.ts";
import { connectedParts, inOrder } from "./order.ts";
import { idOf } from "./reference.ts";

/** How the host splits a source's bytes into records and decodes them. */
export interface DecodingOptions {
  readonly codec: CodecName | BuiltCodec;
  readonly framing: Framing;
  /** In bytes; a longer record goes to the dead letter. */
  readonly maxLine: number;
  /** Of the framing `items`: when an object with a list under `items` is cut into the list's elements. */
  readonly splitItems: "auto" | "always" | "never";
  /** Of the framing `newline`: which lines are one record. */
  readonly multiline?: Multiline | undefined;
  readonly encoding: Encoding | "auto";
  /** What to do with a record that has bytes that are not valid in its encoding. */
  readonly invalidText: "replace" | "keep" | "reject";
  /** When events get fields that say where they are from; `never` by default. */
  readonly originMode?: OriginMode;
}

/** What a pipeline says about all of its components. */
export interface Shared {
  /** For every event, under `labels`. */
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** The name of the machine, instead of the one that it has. */
  readonly host?: string | undefined;
  /** The name of the cluster that the machine belongs to. */
  readonly cluster?: string | undefined;
}

/** How the host delivers events to a sink. Sizes in bytes, times in milliseconds. */
export interface Delivering {
  readonly buffer: {
    readonly type: "disk" | "memory";
    readonly maxSize: number;
    readonly whenFull: "block" | "drop_newest" | "dead_letter";
  };
  /** If false, events come from memory after their commit, and are dropped when they do not fit. */
  readonly required: boolean;
  /** Writes that run at a time. */
  readonly concurrency: number;
  readonly batch: { readonly maxEvents: number; readonly maxSize: number; readonly timeout: number };
  /** Full jitter: a random wait up to `initial`, doubled each time, up to `max`. */
  readonly retry: { readonly initial: number; readonly max: number };
  /** Time limit of one attempt. */
  readonly timeout: number;
  readonly healthCheck: boolean;
}

/** How the host calls a transform whose step takes time. Times in milliseconds. */
export interface Calling {
  /** Calls under way at a time. */
  readonly concurrency: number;
  /** For one event, over all attempts; for one attempt, if failures are waited out. */
  readonly timeout: number;
  readonly onFailure: "dead_letter" | "pass" | "wait";
  /** Full jitter, as in `Delivering`. */
  readonly retry: { readonly initial: number; readonly max: number };
}

/** What the host does around a transform. */
export interface Transforming {
  /** Names of its outputs, besides the default one. */
  readonly outputs: readonly string[];
  /** Outputs whose events are discarded, the default one as `default`. */
  readonly dropOutputs: readonly string[];
  /** For steps that return promises. */
  readonly calling?: Calling;
  /** Bytes that its state may take, if it keeps any. */
  readonly maxState?: number;
}

export const defaultCalling = ({ concurrency = 8, timeout = 10_000 } = {}): Calling => ({
  concurrency,
  timeout,
  onFailure: "dead_letter",
  retry: { initial: 250, max: 5_000 },
});

/** What a sink gets by default. */
export const defaultDelivering = ({ delivery, live = false }: Sink): Delivering => ({
  buffer: { type: "disk", maxSize: 256 * 1024 * 1024, whenFull: "block" },
  required: !live,
  concurrency: delivery?.concurrency === "one" ? 1 : (delivery?.concurrency ?? 1),
  batch: { maxEvents: 1000, maxSize: 1024 * 1024, timeout: 0, ...delivery?.batch },
  retry: { initial: 250, max: 30_000 },
  timeout: 60_000,
  healthCheck: true,
});

interface Placed<Kind extends Plugin["kind"], Host> {
  readonly id: string;
  readonly kind: Kind;
  readonly plugin: Extract<Plugin, { readonly kind: Kind }>;
  /** The plugin's own options, checked and decoded. */
  readonly config: unknown;
  /** The host options, decoded. */
  readonly host: Host;
  /** The outputs that it takes events from, such as `parse` or `route.errors`, in the order of the pipeline file; globs are resolved. */
  readonly inputs: readonly string[];
  /** The component whose baseline it helps to read, if it was added for that. */
  readonly baselineOf?: string;
}

export type SourceComponent = Placed<"source", DecodingOptions>;
export type TransformComponent = Placed<"transform", Transforming>;
export type SinkComponent = Placed<"sink", Delivering>;
/** A plugin in a pipeline. */
export type Component = SourceComponent | TransformComponent | SinkComponent;

/** The components that the pipeline file names, without those that were added to read baselines. */
export const writtenIn = ({ components }: Pick<Topology, "components">): readonly Component[] =>
  components.filter(({ baselineOf }) => baselineOf === undefined);

/** The checked graph of a pipeline's components: every input exists, and there is no cycle. */
export interface Topology {
  /** Every component after all of its inputs; otherwise as the pipeline file has them. */
  readonly components: readonly Component[];
  /** The connected parts, as ids in the order of `components`; each commits separately. */
  readonly groups: readonly (readonly string[])[];
  readonly shared: Shared;
  /** Ids of the components that take this one's events, in the order of `components`. */
  outputs(id: string): readonly string[];
  /** Ids of the sources that this component can get events from (a source: itself), in the order of `components`. */
  sourcesOf(id: string): readonly string[];
}

/** Orders checked components. Every input must be one of them, and there must be no cycle. */
export const topologyOf = (components: readonly Component[], shared: Shared = {}): Topology => {
  const ordered = inOrder(components);
  const outputs = outputsOf(ordered);
  const byId = new Map(ordered.map((component) => [component.id, component]));
  const sources = new Map<string, readonly string[]>();
  const sourcesOf = (id: string): readonly string[] => {
    const above = sourcesAbove(id, byId);
    return ordered.filter((component) => above.has(component.id)).map((component) => component.id);
  };
  return {
    components: ordered,
    groups: connectedParts(ordered),
    shared,
    outputs: (id) => outputs.get(id) ?? [],
    sourcesOf: (id) => {
      const known = sources.get(id) ?? sourcesOf(id);
      sources.set(id, known);
      return known;
    },
  };
};

const outputsOf = (ordered: readonly Component[]): Map<string, string[]> => {
  const outputs = new Map<string, string[]>(ordered.map(({ id }) => [id, []]));
  for (const { id, inputs } of ordered) for (const from of new Set(inputs.map(idOf))) outputs.get(from)?.push(id);
  return outputs;
};

/** The sources upstream of a component, or itself. */
const sourcesAbove = (id: string, byId: ReadonlyMap<string, Component>): Set<string> => {
  const seen = new Set([id]);
  const sources = new Set<string>();
  // A set is walked in the order of its additions, those during the walk included.
  for (const next of seen) {
    const component = byId.get(next);
    if (component?.kind === "source") sources.add(next);
    for (const input of component?.inputs ?? []) seen.add(idOf(input));
  }
  return sources;
};

/** A component, and all that get events of it. */
export const componentsAfter = (first: string, { components }: Pick<Topology, "components">): ReadonlySet<string> => {
  const after = new Set([first]);
  // Every component comes after its inputs.
  for (const { id, inputs } of components) if (inputs.some((input) => after.has(idOf(input)))) after.add(id);
  return after;
};
