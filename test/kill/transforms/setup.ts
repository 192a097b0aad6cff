import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipelineFile } from "../../end-to-end/weir.ts";
import type { LifePaths } from "../lives.ts";

/** The options that the oracle knows, too. Times in milliseconds. */
export const settings = {
  throttle: { limit: 2, every: 150, burst: 3 },
  dedupe: { window: 200 },
  byStamp: { window: 400, slide: 100 },
  /** Windows of the time in the events. No pause is as long as `idle`. */
  byTime: { window: 2_000, slide: 1_000, lateness: 1_000, idle: 3_600_000 },
  byIdle: { window: 2_000, slide: 2_000, lateness: 1_000, idle: 150 },
  reduce: { pause: 150, mostEvents: 6 },
  ofReduced: { window: 100, slide: 100 },
} as const;

const values = { count: "count", sum: "sum(v)", most: "max(v)", mean: "avg(v)", kinds: "distinct(v)", last: "last(n)" };

const ms = (time: number): string => `${time}ms`;

/** An `aggregate` as the pipeline has it. */
const windows = (
  { window, slide, lateness, idle }: { window: number; slide: number; lateness?: number; idle?: number },
  more: object,
) => ({
  type: "aggregate",
  by: ["key"],
  window: ms(window),
  slide: ms(slide),
  ...(lateness !== undefined && { timestamp: "time", lateness: ms(lateness) }),
  ...(idle !== undefined && { idle: ms(idle) }),
  values,
  ...more,
});

const { throttle, dedupe, byStamp, byTime, byIdle, reduce, ofReduced } = settings;

/** The transforms, by the names of the sinks behind them. */
export const transforms = {
  throttled: {
    type: "throttle",
    inputs: ["seen"],
    limit: throttle.limit,
    every: ms(throttle.every),
    burst: throttle.burst,
    by: ["key"],
    summary: true,
  },
  distinct: { type: "dedupe", inputs: ["seen"], fields: ["key"], window: ms(dedupe.window) },
  by_stamp: windows(byStamp, { inputs: ["seen"] }),
  by_time: windows(byTime, { inputs: ["seen"] }),
  by_idle: windows(byIdle, { inputs: ["seen"] }),
  reduced: {
    type: "reduce",
    inputs: ["seen"],
    by: ["key"],
    ends_when: "end: true",
    pause: ms(reduce.pause),
    max_events: reduce.mostEvents,
    merge: { n: "list", v: "sum", text: "concat_newline" },
  },
  of_reduced: windows(ofReduced, { inputs: ["reduced"], values: { count: "count", sum: "sum(v)" } }),
} as const;

export type Output = keyof typeof transforms;

/** Adds to an event what the host says of it. */
const mark = `
import { defineTransform, option, withData } from "weir";
export const mark = defineTransform({
  name: "mark",
  summary: "Adds the id and the host's timestamp of an event.",
  options: { field: option.text("Where to.") },
  each: ({ config: { field } }) => (event) =>
    withData(event, { ...event.data, [field]: { id: event.meta.id, at: event.meta.ingested } }),
});
`;

export interface TransformPaths<Name extends string> extends LifePaths {
  /** The same pipeline, which ends with the log. */
  readonly toTheEnd: string;
  readonly log: string;
  readonly observed: string;
  readonly output: (name: Name) => string;
}

/** One log, its events as they are `seen`, and what each transform makes of them. */
export const setUp = <Name extends string>(
  folder: string,
  transforms: Readonly<Record<Name, object>>,
): TransformPaths<Name> => {
  const path = (name: string) => join(folder, name);
  writeFileSync(path("mark.js"), mark);
  const outputs = Object.keys(transforms) as unknown as readonly Name[];
  const marks = outputs.map((name) => [`${name}_marked`, { type: "mark", inputs: [name], field: "sent" }]);
  const sinks = outputs.map((name) => [
    name,
    { type: "file", inputs: [`${name}_marked`], path: path(`${name}.ndjson`) },
  ]);
  const pipeline = (follow: boolean, name: string) =>
    pipelineFile(
      folder,
      {
        plugins: ["./mark.js"],
        sources: { in: { type: "file", include: [path("in.log")], codec: "json", poll_interval: "20ms", follow } },
        transforms: {
          seen: { type: "mark", inputs: ["in"], field: "seen" },
          ...transforms,
          ...Object.fromEntries(marks),
        },
        sinks: {
          observed: { type: "file", inputs: ["seen"], path: path("observed.ndjson") },
          ...Object.fromEntries(sinks.map(([name, sink]) => [`${name}_file`, sink])),
        },
      },
      name,
    );
  return {
    pipeline: pipeline(true, "pipeline.yaml"),
    toTheEnd: pipeline(false, "to-the-end.yaml"),
    dataDir: path("data"),
    stats: path("stats.json"),
    log: path("in.log"),
    observed: path("observed.ndjson"),
    output: (name) => path(`${name}.ndjson`),
  };
};
