import { type Config, type Option, type Options, option } from "../option/option.ts";
import { sizeText } from "../option/quantity.ts";
import type { Plugin, Sink } from "../plugin.ts";
import { type Component, defaultDelivering } from "../topology/topology.ts";

const sourceOptions = (plugin: Extract<Plugin, { readonly kind: "source" }>) =>
  ({
    codec: option.oneOf("text", "json")("How a record is decoded: as text, into `message`, or as one JSON object.", {
      default: plugin.decoding?.codec ?? "text",
    }),
    framing: option.oneOf(
      "newline",
      "whole",
      "items",
    )("What a record is: a line, the whole stream, or an item of the list that the stream contains.", {
      default: plugin.decoding?.framing ?? "newline",
    }),
    max_line: option.bytes("Size limit of a record. A longer one is cut and goes to the dead letter.", {
      default: "16MiB",
    }),
  }) satisfies Options;

const sinkOptions = ({ delivery, live = false }: Extract<Plugin, { readonly kind: "sink" }>) => {
  const { batch, concurrency } = defaultDelivering({ delivery, live } as Sink);
  const ordered = delivery?.concurrency === "one";
  return {
    buffer: option.group({
      type: option.oneOf("disk", "memory")(
        "`disk` survives a crash. With `memory`, a source reads undelivered events again after a restart; all sinks that share sources must use it.",
        { default: "disk" },
      ),
      max_size: option.bytes("Size limit of the buffer.", { default: "256MiB" }),
      when_full: option.oneOf(
        "block",
        "drop_newest",
        "dead_letter",
      )(
        "What happens to new events when the buffer is full: `block` makes the sources wait, `drop_newest` drops them, `dead_letter` sends them to the dead letter.",
        { default: "block" },
      ),
    })("Events that are committed and not delivered yet."),
    required: option.boolean(
      "If false, the sink gets committed events from memory and never makes sources wait; events that do not fit are dropped and counted.",
      { default: !live },
    ),
    ...(!ordered && {
      concurrency: option.integer("How many writes may run at a time; above 1 the order may change.", {
        default: concurrency,
        minimum: 1,
        maximum: 1000,
      }),
    }),
    batch: option.group({
      max_events: option.integer("Maximum number of events in one write.", { default: batch.maxEvents, minimum: 1 }),
      max_size: option.bytes("Maximum size of one write; a larger event is written alone.", {
        default: sizeText(batch.maxSize),
      }),
      timeout: option.duration("How long a write waits for more events.", { default: `${batch.timeout}ms` }),
    })("How events are grouped into writes."),
    retry: option.group({
      initial: option.window("Upper bound of the first wait, which is random.", { default: "250ms" }),
      max: option.window(
        "The bound doubles with each attempt, up to this. There is no limit to the number of attempts.",
        { default: "30s" },
      ),
    })("How long to wait before a failed write is tried again."),
    timeout: option.window("Time limit of one attempt.", { default: "60s" }),
    health_check: option.boolean(
      "Whether to check at the start that the receiver can be reached; a failure is logged.",
      {
        default: true,
      },
    ),
  } satisfies Options;
};

/** The options that the host adds to every component, besides `type` and `inputs`. */
export const hostOptionsOf = (plugin: Plugin): Options => {
  if (plugin.kind === "source") return sourceOptions(plugin);
  return plugin.kind === "sink" ? sinkOptions(plugin) : {};
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
  return { config, host: hostPart(plugin, decoded) };
};

const hostPart = (plugin: Plugin, decoded: unknown): Component["host"] => {
  if (plugin.kind === "source") {
    const { codec, framing, max_line } = decoded as Config<ReturnType<typeof sourceOptions>>;
    return { codec, framing, maxLine: max_line };
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
