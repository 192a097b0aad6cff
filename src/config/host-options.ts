import { encodings } from "../encodings.ts";
import { type Config, type Option, type Options, option } from "../option/option.ts";
import { sizeText } from "../option/quantity.ts";
import type { Plugin, Sink } from "../plugin.ts";
import {
  type Component,
  type DecodingOptions,
  defaultCalling,
  defaultDelivering,
  type Transforming,
} from "../topology/topology.ts";
import { namedOutputs } from "../transform/build.ts";
import { codecOption, codecOptionsOption } from "./codec-options.ts";

const sourceOptions = (plugin: Extract<Plugin, { readonly kind: "source" }>) =>
  ({
    codec: codecOption(
      "How a record is decoded: `text` into `message`, `json` as one JSON object, or by the codec of a plugin.",
      { default: plugin.decoding?.codec ?? "text" },
    ),
    codec_options: codecOptionsOption,
    framing: option.oneOf(
      "newline",
      "whole",
      "items",
    )("What a record is: a line, the whole stream, or an item of the list that the stream contains.", {
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
    encoding: option.oneOf("auto", ...encodings)(
      "The encoding of the text. `auto` is UTF-8, or UTF-16 if the stream begins with its byte order mark. A byte order mark is not part of a record.",
      { default: "auto" },
    ),
    invalid_text: option.oneOf(
      "replace",
      "keep",
      "reject",
    )(
      "What to do with a record that has bytes that are not valid in its encoding. `replace`: they become U+FFFD, which is counted and logged. `keep`: the same, and the event also gets the record's bytes in base64, as `raw_base64`. `reject`: the record goes to the dead letter.",
      { default: "replace" },
    ),
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

const callOptions = (async: { readonly concurrency?: number; readonly timeout?: number }) => {
  const { concurrency, timeout, onFailure, retry } = defaultCalling(async);
  return {
    concurrency: option.integer("Maximum number of concurrent calls; events keep their order.", {
      default: concurrency,
      minimum: 1,
      maximum: 1000,
    }),
    timeout: option.window("Time limit for one event, over all attempts.", { default: `${timeout}ms` }),
    on_failure: option.oneOf(
      "dead_letter",
      "pass",
      "wait",
    )(
      "What to do with an event when no call succeeds in time: send it to the dead letter, or `pass` it on with the tag `<id>_failed`. With `wait`, calls are repeated until one succeeds, and everything behind the event waits.",
      { default: onFailure },
    ),
    retry: option.group({
      initial: option.window("The first wait is random, between zero and this.", { default: `${retry.initial}ms` }),
      max: option.window("The limit doubles with each failure, up to this.", { default: `${retry.max}ms` }),
    })("How long to wait before a failed call is repeated."),
  } satisfies Options;
};

const stateOptions = {
  state: option.group({
    max_size: option.bytes(
      "Maximum size of the state, in keys and values; on disk it takes about four times as much. weir logs when 80 % are used. Beyond the limit nothing new is remembered, which is counted and logged, and nothing is evicted.",
      {
        default: "256MiB",
      },
    ),
  })("The state of the component."),
} satisfies Options;

const outputOptions = {
  drop_outputs: option.list(option.text)(
    "Names of outputs whose events are discarded and counted; the unnamed one is `default`.",
    { default: [] },
  ),
} satisfies Options;

const transformOptions = (plugin: Extract<Plugin, { readonly kind: "transform" }>): Options => ({
  ...(plugin.each && plugin.async && callOptions(plugin.async === true ? {} : plugin.async)),
  ...(plugin.keep && stateOptions),
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
    const { codec, framing, split_items, encoding, invalid_text, max_line } = decoded as Config<
      ReturnType<typeof sourceOptions>
    >;
    return {
      codec: codec as DecodingOptions["codec"],
      framing,
      splitItems: split_items,
      encoding,
      invalidText: invalid_text,
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
    dropOutputs: drop_outputs ?? [],
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
