/** What an event costs that nothing can pass over, in pipelines that do more and more with each, beside loops that do little. */
import { inTurns } from "./support/measure.ts";
import { number, type Section, table } from "./support/section.ts";
import { scriptCost, weirCost } from "./support/weir.ts";
import { workload } from "./support/workload.ts";

const source = (codec: "json" | "text") => `
sources:
  audit: { type: file, include: ["\${env:BENCH_LOG}"], follow: false, origin: never, codec: ${codec} }`;
const toBlackhole = (input: string) => `
sinks:
  out: { type: blackhole, inputs: [${input}] }`;
const toFile = (input: string) => `
sinks:
  out: { type: file, inputs: [${input}], path: "\${env:BENCH_OUT}" }`;
const nearlyAll = `
  most: { type: filter, inputs: [INPUT], where: 'not user.username : "nobody-of-this-name"' }`;
const remap = `
  shape:
    type: remap
    inputs: [audit]
    steps:
      - set: { event.dataset: kubernetes.audit, event.kind: event, labels.cluster: production }
      - copy: { verb: event.action, user.username: user.name, objectRef.resource: orchestrator.resource.type }`;
const ecs = `
  ecs: { type: kubernetes_audit, inputs: [audit] }`;

const transforms = (...steps: readonly string[]) => `\ntransforms:${steps.join("")}`;
const filter = (input: string) => nearlyAll.replace("INPUT", input);

const pipelines: Readonly<Record<string, string>> = {
  "text → blackhole": source("text") + toBlackhole("audit"),
  "json → blackhole": source("json") + toBlackhole("audit"),
  "json → filter → blackhole": source("json") + transforms(filter("audit")) + toBlackhole("most"),
  "json → remap → blackhole": source("json") + transforms(remap) + toBlackhole("shape"),
  "json → kubernetes_audit → blackhole": source("json") + transforms(ecs) + toBlackhole("ecs"),
  "json → file": source("json") + toFile("audit"),
  "json → filter → file": source("json") + transforms(filter("audit")) + toFile("most"),
  "json → remap → file": source("json") + transforms(remap) + toFile("shape"),
  "json → kubernetes_audit → filter → file": source("json") + transforms(ecs, filter("ecs")) + toFile("most"),
};

const bare = "loop: JSON.parse";
const shaped = "loop: JSON.parse, change, JSON.stringify, write, sync";

export const fullPath: Section = {
  name: "full-path",
  heading: "When every event is wanted",
  measure: ({ megabytes, rounds }) => {
    const work = workload(megabytes / 5);
    const { path } = work;
    const found = inTurns(
      [
        { name: bare, path, run: () => scriptCost("support/bare-loop.ts", path) },
        { name: shaped, path, run: () => scriptCost("support/shaping-loop.ts", path) },
        ...Object.entries(pipelines).map(([name, pipeline]) => ({
          name,
          path,
          run: () => weirCost(pipeline, { log: path }),
        })),
        {
          name: "headline, `--decode-all`",
          path,
          run: () => weirCost("headline.yaml", { log: path, options: ["--decode-all"] }),
        },
      ],
      Math.min(rounds, 3),
    );
    const rows = found.map(({ program, cost }) => [
      program.name,
      number(cost.cpuSeconds, 2),
      number(work.events / cost.cpuSeconds),
      number(found[0]!.cost.cpuSeconds / cost.cpuSeconds, 2),
      cost.peakMegabytes === undefined ? "–" : number(cost.peakMegabytes),
    ]);
    return `
The CPU time of whole processes with all their threads, on ${number(work.bytes)} bytes of the same file. What a pipeline writes to
a file is committed to disk before, and synced after. The second loop does by hand, without commits, what \`remap\` does.

${table(["pipeline", "CPU seconds", "events per CPU second", "relative to the loop of JSON.parse", "peak MB"], rows)}`;
  },
};
