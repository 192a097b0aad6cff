/** Runs the benchmarks and writes docs/benchmarks.md: `npm run bench [-- --megabytes 1000 --rounds 5]`, or one section: `--only shaping`, `--only rules`. */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { httpLatencies, httpThroughput } from "./http.ts";
import { latencies } from "./latency.ts";
import { manyRules } from "./rules.ts";
import { shaping } from "./shaping.ts";
import { soakIn } from "./soak/report.ts";
import { benchmarksPage, withRules, withShaping } from "./support/page.ts";
import { workload } from "./support/workload.ts";
import { tapCosts } from "./taps.ts";
import { runWeir, throughput } from "./throughput.ts";
import { webSocketThroughput } from "./websocket.ts";

const { values } = parseArgs({
  options: {
    megabytes: { type: "string", default: "1000" },
    rounds: { type: "string", default: "5" },
    only: { type: "string" },
  },
});
const [megabytes, rounds] = [Number(values.megabytes), Number(values.rounds)];

const path = fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url));
if (values.only === "shaping") {
  writeFileSync(path, withShaping(readFileSync(path, "utf8"), shaping(Math.min(rounds, 3))));
  process.exit();
}
if (values.only === "rules") {
  writeFileSync(path, withRules(readFileSync(path, "utf8"), manyRules(megabytes, Math.min(rounds, 3))));
  process.exit();
}
const page = benchmarksPage({
  work: workload(megabytes),
  rounds,
  files: throughput(megabytes, rounds),
  smallPeak: runWeir(workload(megabytes / 10)).stats.peak_memory_bytes / 1e6,
  manyRules: manyRules(megabytes, Math.min(rounds, 3)),
  shapings: shaping(Math.min(rounds, 3)),
  fileLatencies: await latencies(),
  http: await httpThroughput(),
  httpLatencies: await httpLatencies(),
  webSockets: await webSocketThroughput(),
  taps: await tapCosts(megabytes, rounds),
  soak: soakIn(readFileSync(path, "utf8")),
});
writeFileSync(path, page);
console.log(page);
