import { type Config, type Option, type Options, option } from "../option.ts";
import type { Plugin, Sink } from "../plugin.ts";
import { type Component, defaultDelivering } from "../topology/topology.ts";
import { writtenSize } from "./quantity.ts";

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
    split_items: option.oneOf(
      "auto",
      "always",
      "never",
    )(
      "With the framing `items`, which objects with a list under `items` are cut into its items; the rest of such an object is discarded. `auto`: Kubernetes lists, whose `kind` ends in `List`; any other object is one event.",
      { default: "auto" },
    ),
    max_line: option.bytes("The longest record; a longer one goes to the dead letter, cut.", { default: "16MiB" }),
  }) satisfies Options;

const sinkOptions = ({ delivery, live = false }: Extract<Plugin, { readonly kind: "sink" }>) => {
  const { batch, concurrency } = defaultDelivering({ delivery, live } as Sink);
  const ordered = delivery?.concurrency === "one";
  return {
    buffer: option.group({
      type: option.oneOf("disk", "memory")(
        "`disk` survives everything; with `memory`, for all sinks of a pipeline together, a source reads again what was not delivered.",
        { default: "disk" },
      ),
      max_size: option.bytes("How much may wait for the sink.", { default: "256MiB" }),
      when_full: option.oneOf(
        "block",
        "drop_newest",
        "dead_letter",
      )(
        "What happens then: `block` holds up the sources that feed the sink; the others let new events go, or keep them in the dead letter.",
        { default: "block" },
      ),
    })("What is committed and not yet delivered."),
    required: option.boolean(
      "False: the sink gets events from memory, after their commit, and holds up nobody; what it misses is dropped and counted.",
      { default: !live },
    ),
    ...(!ordered && {
      concurrency: option.integer("How many writes may be under way at a time; above 1 the order may change.", {
        default: concurrency,
        minimum: 1,
        maximum: 1000,
      }),
    }),
    batch: option.group({
      max_events: option.integer("Events in one write at most.", { default: batch.maxEvents, minimum: 1 }),
      max_size: option.bytes("Bytes in one write at most; a larger event goes by itself.", {
        default: writtenSize(batch.maxSize),
      }),
      timeout: option.duration("How long a write waits to become that full.", { default: `${batch.timeout}ms` }),
    })("How events are put together to writes."),
    retry: option.group({
      initial: option.window("The first wait is a random one up to this.", { default: "250ms" }),
      max: option.window("It doubles with each attempt, up to this; attempts never end.", { default: "30s" }),
    })("How long to wait before a write that went wrong is tried again."),
    timeout: option.window("How long one attempt may take.", { default: "60s" }),
    health_check: option.boolean("Asks at the start whether the receiver can be reached, and says so if not.", {
      default: true,
    }),
  } satisfies Options;
};

/** The options that the host adds to every component, beside `type` and `inputs`. */
export const hostOptionsOf = (plugin: Plugin): Options => {
  if (plugin.kind === "source") return sourceOptions(plugin);
  return plugin.kind === "sink" ? sinkOptions(plugin) : {};
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
    const { codec, framing, split_items, max_line } = decoded as Config<ReturnType<typeof sourceOptions>>;
    return { codec, framing, splitItems: split_items, maxLine: max_line };
  }
  if (plugin.kind === "transform") return {};
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
