import { defaultOutput } from "../batch.ts";
import { type Config, type Option, type Options, option } from "../option/option.ts";
import { isStateOption } from "../option/state-option.ts";
import type { Plugin } from "../plugin.ts";
import type { Component, DecodingOptions, Transforming } from "../topology/topology.ts";
import { namedOutputs } from "../transform/build.ts";
import { callOptions, outputOptions, sinkOptions, sourceOptions, stateOptions } from "./kind-options.ts";
import { multilineOf } from "./multiline-option.ts";

const transformOptions = (plugin: Extract<Plugin, { readonly kind: "transform" }>): Options => ({
  ...(plugin.each && plugin.async && callOptions(plugin.async === true ? {} : plugin.async)),
  ...(plugin.keep && !isStateOption((plugin.options as Options)["state"]) && stateOptions),
  ...(plugin.outputs && outputOptions),
});

/** The options that the host adds to every component, besides `type` and `inputs`. */
export const hostOptionsOf = (plugin: Plugin): Options => {
  if (plugin.kind === "source") return sourceOptions(plugin);
  return plugin.kind === "sink" ? sinkOptions(plugin) : transformOptions(plugin);
};

export const inputsOption: Option = option.list(option.text, { minItems: 1 })(
  "Ids of the sources and transforms to take events from; `*` matches any part of an id.",
  { examples: [["audit"]] },
);

const inputsOf = ({ kind }: Plugin): Options => (kind === "source" ? {} : { inputs: inputsOption });

const cache = new WeakMap<Plugin, Options>();

/** All options of a component of this plugin, except `type`. */
export const componentOptions = (plugin: Plugin): Options => {
  const known = cache.get(plugin);
  if (known) return known;
  const options = { ...inputsOf(plugin), ...(plugin.options as Options), ...hostOptionsOf(plugin) };
  cache.set(plugin, options);
  return options;
};

/** The plugin's options that have the name of a host option: the plugin would get the host's value, or none. */
export const clashingOptions = (plugin: Plugin): string[] => {
  const reserved = new Set(["type", ...Object.keys(inputsOf(plugin)), ...Object.keys(hostOptionsOf(plugin))]);
  return Object.keys(plugin.options as Options).filter((name) => reserved.has(name));
};

/** Splits a component's decoded options into the host's part and the plugin's part. */
export const divide = (
  plugin: Plugin,
  decoded: Readonly<Record<string, unknown>>,
): Pick<Component, "config" | "host"> => {
  const own = new Set(Object.keys(plugin.options as Options));
  const config = Object.fromEntries(Object.entries(decoded).filter(([name]) => own.has(name)));
  return { config, host: hostPart(plugin, config, decoded) };
};

const hostPart = (plugin: Plugin, config: unknown, decoded: unknown): Component["host"] => {
  if (plugin.kind === "source") {
    const { codec, framing, split_items, multiline, encoding, invalid_text, origin, max_line } = decoded as Config<
      ReturnType<typeof sourceOptions>
    >;
    return {
      codec: codec as DecodingOptions["codec"],
      framing,
      splitItems: split_items,
      multiline: multilineOf(multiline),
      encoding,
      invalidText: invalid_text,
      originMode: origin,
      maxLine: max_line,
    };
  }
  if (plugin.kind === "transform") return transforming(plugin, config, decoded);
  const { buffer, required, batch, retry, timeout, health_check } = decoded as Config<ReturnType<typeof sinkOptions>>;
  const { concurrency = 1 } = decoded as { readonly concurrency?: number };
  return {
    buffer: { type: buffer.type, maxSize: buffer.max_size, whenFull: buffer.when_full },
    required,
    concurrency,
    batch: { maxEvents: batch.max_events, maxSize: batch.max_size, timeout: batch.timeout },
    retry,
    timeout,
    healthCheck: health_check,
  };
};

/** The parts of a transform's options that its shape has. */
interface TransformValues {
  readonly state?: Config<typeof stateOptions>["state"];
  readonly drop_outputs?: Config<typeof outputOptions>["drop_outputs"];
  readonly concurrency?: number;
  readonly timeout?: number;
  readonly on_failure?: "dead_letter" | "pass" | "wait";
  readonly retry?: { readonly initial: number; readonly max: number };
}

const transforming = (
  plugin: Extract<Plugin, { readonly kind: "transform" }>,
  config: unknown,
  decoded: unknown,
): Transforming => {
  const { state, drop_outputs, concurrency, timeout, on_failure, retry } = decoded as TransformValues;
  const isAsync = plugin.each !== undefined && plugin.async;
  return {
    outputs: outputsOf(plugin, config),
    dropOutputs: [...(plugin.defaultOutput === false ? [defaultOutput] : []), ...(drop_outputs ?? [])],
    ...(state && { maxState: state.max_size }),
    ...(isAsync && {
      calling: { concurrency: concurrency!, timeout: timeout!, onFailure: on_failure!, retry: retry! },
    }),
  };
};

/** What goes wrong here is reported when the component is built. */
const outputsOf = (plugin: Extract<Plugin, { readonly kind: "transform" }>, config: unknown): readonly string[] => {
  try {
    return namedOutputs(plugin, config);
  } catch {
    return [];
  }
};
