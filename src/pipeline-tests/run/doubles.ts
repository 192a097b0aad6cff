import { withoutLearning } from "../../baseline/components.ts";
import { defineSink, defineSource, type Plugin } from "../../plugin.ts";
import { withOwnState } from "../../topology/own-state.ts";
import { outputReference } from "../../topology/reference.ts";
import {
  type Component,
  type DecodingOptions,
  defaultDelivering,
  type SinkComponent,
  type SourceComponent,
  type Topology,
  topologyOf,
} from "../../topology/topology.ts";
import type { PipelineTest } from "../format/test.ts";
import { deadLetters } from "../format/test.ts";
import { Arrivals } from "./arrivals.ts";
import { Feed } from "./feed.ts";

/** A pipeline with its sources and sinks replaced, and what is behind them. */
export interface Staged {
  readonly topology: Topology;
  /** By the component that a test sends into. */
  readonly feeds: ReadonlyMap<string, Feed>;
  /** By what an expectation names. */
  readonly arrivals: ReadonlyMap<string, Arrivals>;
}

/**
 * Replaces the sources and sinks of a pipeline. Transforms and sinks that the test sends into get one more source, and the
 * outputs of sources and transforms that it looks at one more sink. All else is as in the pipeline, but that its
 * components have learned, so no baseline is read and nothing is held back, and that they share no state with others.
 */
export const stage = (whole: Topology, { steps }: Pick<PipelineTest, "steps">): Staged => {
  const topology = withOwnState(withoutLearning(whole));
  const feeds = new Map<string, Feed>();
  const arrivals = new Map<string, Arrivals>();
  const into = new Set(steps.flatMap((step) => (step.kind === "send" ? [step.into] : [])));
  const from = new Set(steps.flatMap((step) => (step.kind === "expect" ? [step.from] : [])));
  const added: Component[] = [];
  const components = topology.components.map((component): Component => {
    const { id } = component;
    if (component.kind === "source") return source(component, feeds);
    const replaced = component.kind === "sink" ? sink(component, arrivals) : component;
    if (!into.has(id)) return replaced;
    added.push(entrance(id, feeds));
    return { ...replaced, inputs: [...replaced.inputs, entranceOf(id)] };
  });
  for (const output of from)
    if (output !== deadLetters && !arrivals.has(output)) added.push(view(output, topology, arrivals));
  return { topology: topologyOf([...components, ...added], topology.shared), feeds, arrivals };
};

type Of<Kind extends Plugin["kind"]> = Extract<Plugin, { readonly kind: Kind }>;

/** Ids of components in a pipeline have no colon. */
const entranceOf = (id: string) => `into:${id}`;

const source = (component: SourceComponent, feeds: Map<string, Feed>): SourceComponent => {
  const { id, plugin, host } = component;
  const feed = new Feed(host, plugin.replays !== false);
  feeds.set(id, feed);
  return { ...component, plugin: sourceOver(feed, plugin) };
};

const sourceOver = (feed: Feed, { name, replays = true }: Pick<Of<"source">, "name" | "replays">): Of<"source"> =>
  defineSource({
    name,
    summary: "Gives what a test sends.",
    options: {},
    replays,
    read: ({ checkpoints, signal }) => feed.readings(checkpoints, signal),
  });

const asEvents: DecodingOptions = {
  codec: "json",
  framing: "newline",
  maxLine: 16 * 1024 * 1024,
  splitItems: "never",
  encoding: "utf-8",
  invalidText: "replace",
};

const entrance = (id: string, feeds: Map<string, Feed>): SourceComponent => {
  const feed = new Feed(asEvents, true);
  feeds.set(id, feed);
  const plugin = sourceOver(feed, { name: "test" });
  return { id: entranceOf(id), kind: "source", plugin, config: {}, host: asEvents, inputs: [] };
};

const sink = (component: SinkComponent, all: Map<string, Arrivals>): SinkComponent => {
  const { id, plugin, host } = component;
  const arrivals = new Arrivals();
  all.set(id, arrivals);
  const { live = false } = plugin;
  // Nothing is gained by waiting for a larger batch, and the record of what was delivered needs an order.
  const delivering = { ...host, concurrency: 1, batch: { ...host.batch, timeout: 0 } };
  return { ...component, plugin: sinkOver(arrivals, { name: plugin.name, live }), host: delivering };
};

const sinkOver = (arrivals: Arrivals, { name, live }: { readonly name: string; readonly live: boolean }): Of<"sink"> =>
  defineSink({
    name,
    summary: "Keeps what arrives for a test.",
    options: {},
    live,
    open: ({ recorded }) => arrivals.writer(recorded),
  });

/** A sink that sees what an output sends. */
const view = (output: string, topology: Topology, all: Map<string, Arrivals>): SinkComponent => {
  const arrivals = new Arrivals();
  all.set(output, arrivals);
  const plugin = sinkOver(arrivals, { name: "test", live: false });
  const host = defaultDelivering(plugin);
  const buffer = { ...host.buffer, type: bufferBeside(outputReference(output).id, topology) };
  return { id: `expect:${output}`, kind: "sink", plugin, config: {}, host: { ...host, buffer }, inputs: [output] };
};

/** All required sinks of a commit group buffer in the same way. */
const bufferBeside = (id: string, { components, groups }: Topology): "disk" | "memory" => {
  const group = groups.find((ids) => ids.includes(id)) ?? [];
  const sinks = components.filter((component) => component.kind === "sink" && group.includes(component.id));
  return sinks.some(({ host }) => (host as SinkComponent["host"]).required && isInMemory(host)) ? "memory" : "disk";
};

const isInMemory = (host: Component["host"]) => (host as SinkComponent["host"]).buffer.type === "memory";
