import { systemClock } from "../clock.ts";
import { RecordMeta } from "../event.ts";
import type { Data, Json } from "../json.ts";
import type { Delivery, Log, Outcome, Sink, SinkContext } from "../plugin.ts";
import { logRecorder } from "./log.ts";

/** An open sink under test. A write without its own signal gets the signal of the sink. */
export interface OpenedSink {
  write(events: readonly Delivery[], signal?: AbortSignal): Promise<Outcome | undefined>;
  close(): Promise<void>;
}

/** The options for opening a sink; all but `config` have a default. */
export interface OpenOptions {
  readonly config: Readonly<Record<string, unknown>>;
  readonly recorded?: Json | undefined;
  readonly log?: Log;
  readonly signal?: AbortSignal;
  readonly save?: SinkContext<unknown>["save"];
  readonly trouble?: SinkContext<unknown>["trouble"];
}

/** Opens a sink as the host does. */
// biome-ignore lint/suspicious/noExplicitAny: a sink of any options.
export const openSink = async (sink: Sink<any>, options: OpenOptions): Promise<OpenedSink> => {
  const signal = options.signal ?? new AbortController().signal;
  const writer = await sink.open({
    id: sink.name,
    config: options.config,
    recorded: options.recorded,
    clock: systemClock,
    log: options.log ?? logRecorder(),
    signal,
    save: options.save ?? (async () => undefined),
    trouble: options.trouble ?? (() => undefined),
  });
  return {
    write: async (events, attempt = signal) => (await writer.write(events, attempt)) ?? undefined,
    close: async () => writer.close?.(),
  };
};

/** An event as a sink gets it. */
export const delivery = (data: Data, id = "test/stream@0", ingested = Date.UTC(2026, 0, 1)): Delivery => ({
  id,
  json: JSON.stringify(data),
  data,
  meta: new RecordMeta("test", "stream", 0, ingested, id),
});
