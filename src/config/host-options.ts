import { type Config, type Option, type Options, option } from "../option.ts";
import type { Plugin } from "../plugin.ts";
import type { Component } from "../topology/topology.ts";

const sourceOptions = (plugin: Extract<Plugin, { readonly kind: "source" }>) =>
  ({
    codec: option.oneOf("text", "json")("How a record is read: as text, under `message`, or as one JSON object.", {
      default: plugin.decoding?.codec ?? "text",
    }),
    framing: option.oneOf(
      "newline",
      "whole",
      "items",
    )("What a record is: a line, everything up to the end of a stream, or an item of the list that the stream is.", {
      default: plugin.decoding?.framing ?? "newline",
    }),
    max_line: option.bytes("The longest record; a longer one goes to the dead letter, cut.", { default: "16MiB" }),
  }) satisfies Options;

const sinkOptions = {
  buffer: option.group({
    max_size: option.bytes("How much the sink's outbox may hold on disk.", { default: "256MiB" }),
    when_full: option.oneOf("block")("What happens then: `block` holds up the sources that feed the sink.", {
      default: "block",
    }),
  })("The sink's outbox: what is committed and not yet delivered."),
} satisfies Options;

/** The options that the host adds to every component, beside `type` and `inputs`. */
export const hostOptionsOf = (plugin: Plugin): Options => {
  if (plugin.kind === "source") return sourceOptions(plugin);
  return plugin.kind === "sink" ? sinkOptions : {};
};

export const inputsOption: Option = option.list(option.text, { minItems: 1 })(
  "Ids of the sources and transforms whose events it takes; `*` stands for any part of an id.",
  { examples: [["audit"]] },
);

const cache = new WeakMap<Plugin, Options>();

/** Everything that may stand under a component of this plugin, except `type`. */
export const componentOptions = (plugin: Plugin): Options => {
  const known = cache.get(plugin);
  if (known) return known;
  const inputs = plugin.kind === "source" ? {} : { inputs: inputsOption };
  const options = { ...inputs, ...(plugin.options as Options), ...hostOptionsOf(plugin) };
  cache.set(plugin, options);
  return options;
};

/** What the runtime gets of a component's decoded options: the host's part and the plugin's part. */
export const divide = (
  plugin: Plugin,
  decoded: Readonly<Record<string, unknown>>,
): Pick<Component, "config" | "host"> => {
  const own = new Set(Object.keys(plugin.options as Options));
  const config = Object.fromEntries(Object.entries(decoded).filter(([name]) => own.has(name)));
  return { config, host: hostPart(plugin, decoded) };
};

const hostPart = (plugin: Plugin, decoded: unknown): Component["host"] => {
  if (plugin.kind === "source") {
    const { codec, framing, max_line } = decoded as Config<ReturnType<typeof sourceOptions>>;
    return { codec, framing, maxLine: max_line };
  }
  if (plugin.kind === "transform") return {};
  const { buffer } = decoded as Config<typeof sinkOptions>;
  return { buffer: { maxSize: buffer.max_size, whenFull: buffer.when_full } };
};
