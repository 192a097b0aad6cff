/**
 * What an event costs that nothing can pass over: the CPU time of whole processes, for pipelines that do more and more with
 * each event, beside loops that do little. `node --conditions=weir-source bench/full-path.ts [MEGABYTES [ROUNDS [NAME]]]`
 * runs those whose name contains NAME, after `npm run build`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cpuTimed, inFolder, median } from "./support/measure.ts";
import { workload } from "./support/workload.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

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

const [megabytes = 200, rounds = 3] = process.argv.slice(2, 4).map(Number);
const wanted = process.argv[4] ?? "";
const work = workload(megabytes);

const loop = (script: string) => () =>
  inFolder((folder) => cpuTimed(process.execPath, [here(script), work.path, join(folder, "out.ndjson")]));

const weir =
  (pipeline: string, ...options: readonly string[]) =>
  () =>
    inFolder((folder) => {
      const path = join(folder, "weir.yaml");
      writeFileSync(path, pipeline);
      const args = [here("../bin/weir.js"), "run", path, "--data-dir", join(folder, "data"), ...options];
      return cpuTimed(process.execPath, args, { BENCH_LOG: work.path, BENCH_OUT: join(folder, "out.ndjson") });
    });

const bare = "loop: JSON.parse";
const shaped = "loop: JSON.parse, change, JSON.stringify, write, sync";
const programs: readonly (readonly [name: string, run: () => number])[] = [
  [bare, loop("support/bare-loop.ts")],
  [shaped, loop("support/shaping-loop.ts")],
  ...Object.entries(pipelines)
    .filter(([name]) => name.includes(wanted))
    .map(([name, pipeline]) => [name, weir(pipeline)] as const),
  ...("headline, --decode-all".includes(wanted)
    ? [["headline, --decode-all", weir(headline(), "--decode-all")] as const]
    : []),
];

function headline(): string {
  return readFileSync(here("headline.yaml"), "utf8").replaceAll("BENCH_ALERTS", "BENCH_OUT");
}

const times = new Map(programs.map(([name]) => [name, [] as number[]]));
for (let round = 0; round < rounds; round++)
  for (const [name, run] of programs) {
    // The system may have evicted the file from its cache.
    readFileSync(work.path).length;
    times.get(name)!.push(run());
  }

const [bareTime, shapedTime] = [bare, shaped].map((name) => median(times.get(name)!)) as [number, number];
console.log(
  `${Math.round(work.bytes / 1e6)} MB, ${work.events} events; medians of ${rounds} rounds; CPU of all threads`,
);
console.log("CPU s    of JSON.parse  of the writing loop");
for (const [name, all] of times) {
  const seconds = median(all);
  const ratio = (of: number) => (of / seconds).toFixed(2);
  console.log(`${seconds.toFixed(2).padStart(5)}    ${ratio(bareTime)}           ${ratio(shapedTime)}    ${name}`);
}
