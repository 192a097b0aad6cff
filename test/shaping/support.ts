import type { Data, Event, Keeper } from "weir";
import { memoryState, RecordMeta, runStep, systemClock } from "weir/testing";
import { plugins } from "../../src/cli/plugins.ts";
import { RuleFiles } from "../../src/cli/rule-files.ts";
import { loadPipeline } from "../../src/config/load.ts";
import type { Sent } from "../../src/transform/tally.ts";
import type { Revealed } from "../../src/transform/transform.ts";

/** A transform's options, as a pipeline has them. */
export type Written = Readonly<Record<string, unknown>>;

/** What loading a pipeline with this transform gives: its component, or the problems as one text. */
export const loadTransform = (written: Written, outputs: readonly string[] = ["shape"]) => {
  const text = JSON.stringify({
    sources: { in: { type: "stdin" } },
    transforms: { shape: { inputs: ["in"], ...written } },
    sinks: { out: { type: "blackhole", inputs: outputs } },
  });
  const loaded = loadPipeline(text, {
    file: "pipeline.yaml",
    plugins,
    rules: new RuleFiles("."),
    env: () => undefined,
    readFile: () => "",
  });
  if (!loaded.ok)
    return { problems: loaded.problems.map(({ message, hint }) => `${message} ${hint ?? ""}`).join("\n") };
  const component = loaded.value.topology.components.find(({ id }) => id === "shape")!;
  if (component.kind !== "transform") throw new Error("it is no transform");
  return { component };
};

/** The events with this data, one a second. */
const eventsOf = (data: readonly Data[]): readonly Event[] =>
  data.map((one, index) => ({
    data: one,
    meta: new RecordMeta("test", "stream", index, Date.UTC(2026, 0, 1) + index * 1000, `test/stream@${index}`),
  }));

/** Runs a transform, loaded as from a pipeline, over events with this data. */
export const runOver = (written: Written, data: readonly Data[], outputs?: readonly string[]): Sent =>
  runStep(...built(written, data, outputs).run);

/** What a transform that keeps state makes of events at the end of time: the data of the events that it sends then. */
export const atTheEnd = (written: Written, data: readonly Data[]): readonly Data[] => {
  const { run, tick } = built(written, data);
  runStep(...run);
  const revealed: Data[] = [];
  const emit = (event: Revealed) => revealed.push(event.data) > 0;
  tick?.({ now: Date.UTC(2027, 0, 1), idle: 0, final: true, epoch: 0, note: () => undefined, emit });
  return revealed;
};

const built = (written: Written, data: readonly Data[], outputs?: readonly string[]) => {
  const { component, problems } = loadTransform(written, outputs);
  if (!component) throw new Error(problems);
  const { plugin, config } = component;
  const context = { id: "shape", config, clock: systemClock, log: {} } as never;
  const made = plugin.each?.(context) ?? plugin.keep?.({ ...(context as object), state: memoryState() } as never);
  const keeper = typeof made === "function" ? { event: made } : (made as Keeper);
  const named = plugin.outputs?.(config as never) ?? [];
  return { run: [keeper.event as never, eventsOf(data), named] as const, tick: (keeper as Keeper).tick };
};

/** What steps of `remap` make of an event: its data, or the reason for which it is rejected. */
export const reshape = (steps: readonly Written[], data: Data): Data | string => {
  const { events, rejected, dropped } = runOver({ type: "remap", steps }, [data]);
  return events[0]?.data ?? rejected[0]?.message ?? Object.keys(dropped ?? {})[0] ?? "nothing";
};
