import { appendFileSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { defineSink } from "weir";
import fileSource from "../../plugins/sources/file/index.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import { openDataDir } from "../../src/runtime/data-dir.ts";
import { Runtime } from "../../src/runtime/runtime.ts";
import { threadedWriter } from "../../src/storage/writer.ts";
import { unbalancedComponents } from "../runtime/placed.ts";
import { topologyFor } from "./placing.ts";
import type { GraphPlan, SinkPlan } from "./plan.ts";
import { watchCommits } from "./record.ts";

/** The options of the child process, as JSON on its command line. */
export interface ChildPlan {
  readonly graph: GraphPlan;
  readonly dataDir: string;
  /** File to which it writes each commit before it is made. */
  readonly record: string;
  /** By source, the file that it reads; by sink, the file that it writes. */
  readonly files: Readonly<Record<string, string>>;
  /** The number of the first commit. */
  readonly first: number;
  readonly broken: boolean;
  readonly budget: number;
  /** Offset of its clock, in milliseconds. */
  readonly offset: number;
  /** Whether to wait for more at the end of its files, instead of ending. */
  readonly follow: boolean;
}

/** Starts with a line break, so that a line truncated by a kill does not damage the next one. */
const write = (path: string, value: unknown): void => appendFileSync(path, `\n${JSON.stringify(value)}\n`);

const plan = JSON.parse(readFileSync(process.argv[2]!, "utf8")) as ChildPlan;
const { graph, files, broken, budget, offset, follow } = plan;

const sinkOf = ({ id, failures, refuses }: SinkPlan) => {
  let left = failures;
  return defineSink({
    name: "written",
    summary: "Writes what it gets into a file.",
    options: {},
    open: () => ({
      async write(events) {
        if (left-- > 0) throw new Error("not now");
        const failed: { readonly index: number; readonly message: string; readonly final: boolean }[] = [];
        for (const [index, { id: name, data, meta }] of events.entries())
          if (broken && refuses > 0 && Number(data["v"]) % refuses === 0)
            failed.push({ index, message: "never", final: true });
          else write(files[id]!, { id: name, data, meta: { source: meta.source, ingested: meta.ingested } });
        return { failed };
      },
    }),
  });
};

const clock: Clock = { ...systemClock, now: () => Date.now() + offset };
const log = () => ({ debug: () => {}, info: () => {}, warn: () => {}, error: () => {} });
const record = watchCommits(plan.first, broken, (commit) => write(plan.record, commit));
const placed = topologyFor(graph, broken, { source: () => fileSource, sink: sinkOf });
const topology = {
  ...placed,
  components: placed.components.map((component) =>
    component.kind === "source"
      ? {
          ...component,
          host: { ...component.host, codec: "json" as const },
          config: { include: [files[component.id]!], follow, read_from: "beginning", poll_interval: 50 },
        }
      : component,
  ),
};
const runtime = new Runtime(topology, openDataDir(plan.dataDir, record.watched(threadedWriter)), {
  clock,
  log,
  budget,
  random: () => 0,
});
await runtime.start();
console.log("running");
const replays = async () => {
  for (let turns = 0; ; turns++) {
    await runtime.desk.replay({}).catch(() => undefined);
    if (turns === 0) console.log("replayed");
    await sleep(150);
  }
};
void replays();
const ending = await runtime.ended;
const how = ending.how === "failed" ? `failed: ${ending.component}: ${String(ending.error)}` : ending.how;
console.log(JSON.stringify({ how, unbalanced: unbalancedComponents(runtime.stats()) }));
process.exit(0);
