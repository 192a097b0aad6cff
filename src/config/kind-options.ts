import { encodings } from "../encodings.ts";
import { type Options, option } from "../option/option.ts";
import { sizeText } from "../option/quantity.ts";
import { stateOption } from "../option/state-option.ts";
import { originModes } from "../origin/origin.ts";
import type { Plugin, Sink } from "../plugin.ts";
import { defaultCalling, defaultDelivering } from "../topology/topology.ts";
import { codecOption, codecOptionsOption } from "./codec-options.ts";
import { multilineOption } from "./multiline-option.ts";

// The options that the host adds, by the kind of component.

/** How the bytes of a source are read. */
export const sourceOptions = (plugin: Extract<Plugin, { readonly kind: "source" }>) =>
  ({
    codec: codecOption(
      "How a record is decoded: `text` into `message`, `json` as one JSON object, or by another codec; `weir list` has all.",
      { default: plugin.decoding?.codec ?? "text" },
    ),
    codec_options: codecOptionsOption,
    framing: option.oneOf(
      "newline",
      "octet_counting",
      "whole",
      "items",
    )(
      "What a record is: a line, a message of syslog with or without its length before it (RFC 6587), the whole stream, or an item of the list that the stream contains.",
      {
        default: plugin.decoding?.framing ?? "newline",
      },
    ),
    split_items: option.oneOf(
      "auto",
      "always",
      "never",
    )(
      "With the framing `items`, which objects with a list under `items` are cut into its items; the rest of such an object is discarded. `auto`: Kubernetes lists, whose `kind` ends in `List`; any other object is one event.",
      { default: "auto" },
    ),
    multiline: multilineOption,
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
    origin: option.oneOf(...originModes)(
      "When events get fields that say where they are from: `host.name`, `event.ingested`, and of files `log.file.path` and `log.offset`. `auto`: all but those of the codec `json`. Values that an event has itself stay.",
      { default: "auto" },
    ),
    max_line: option.bytes("Size limit of a record. A longer one is cut and goes to the dead letter.", {
      default: plugin.decoding?.max_line ?? "16MiB",
    }),
  }) satisfies Options;

/** How events are delivered to a sink. */
export const sinkOptions = ({ delivery, live = false }: Extract<Plugin, { readonly kind: "sink" }>) => {
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

/** How an asynchronous step is called. */
export const callOptions = (async: { readonly concurrency?: number; readonly timeout?: number }) => {
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

/** Of a transform with state. */
export const stateOptions = {
  state: stateOption({}),
} satisfies Options;

/** Of a transform with named outputs. */
export const outputOptions = {
  drop_outputs: option.list(option.text)(
    "Names of outputs whose events are discarded and counted; the unnamed one is `default`.",
    { default: [] },
  ),
} satisfies Options;
