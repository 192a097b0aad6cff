/** Runs one to 500 rules on the same file. `node --conditions=weir-source bench/rules.ts [megabytes]` prints the CPU time of each process. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Stats } from "../src/runtime/stats.ts";
import { type RuleKind, writeRules } from "./support/many-rules.ts";
import { cpuTimed, median } from "./support/measure.ts";
import { type Workload, workload } from "./support/workload.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface ManyRules {
  readonly name: string;
  readonly work: Workload;
  /** User and system time of the whole process, all its threads. */
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
}

const sets: readonly (readonly [name: string, kind: RuleKind, count: number])[] = [
  ["1 in KQL", "kql", 1],
  ["10 in KQL", "kql", 10],
  ["100 in KQL", "kql", 100],
  ["500 in KQL", "kql", 500],
  ["1 in EQL", "eql", 1],
  ["500 in EQL", "eql", 500],
  ["50 sequences in EQL", "sequence", 50],
];

const run = (kind: RuleKind, count: number, { path }: Workload) => {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  try {
    const stats = join(folder, "stats.json");
    const pipeline = here("many-rules.yaml");
    const args = [here("../bin/weir.js"), "run", pipeline, "--data-dir", join(folder, "data"), "--stats", stats];
    const cpuSeconds = cpuTimed(process.execPath, args, {
      BENCH_LOG: path,
      BENCH_ALERTS: join(folder, "alerts.ndjson"),
      BENCH_RULES: writeRules(join(folder, "rules"), kind, count),
    });
    const { peak_memory_bytes } = JSON.parse(readFileSync(stats, "utf8")) as Stats;
    return { cpuSeconds, peakMegabytes: peak_memory_bytes / 1e6 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Medians of `rounds` rounds, in each of which every set of rules runs once. */
export const manyRules = (megabytes: number, rounds: number): readonly ManyRules[] => {
  const work = workload(megabytes);
  const runs = sets.map((): ReturnType<typeof run>[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, [, kind, count]] of sets.entries()) {
      readFileSync(work.path).length; // The system may have evicted the file from its cache.
      runs[index]!.push(run(kind, count, work));
    }
  return sets.map(([name], index) => ({
    name,
    work,
    cpuSeconds: median(runs[index]!.map(({ cpuSeconds }) => cpuSeconds)),
    peakMegabytes: Math.max(...runs[index]!.map(({ peakMegabytes }) => peakMegabytes)),
  }));
};

if (import.meta.main)
  for (const { name, cpuSeconds, peakMegabytes } of manyRules(Number(process.argv[2] ?? 1000), 1))
    console.log(`${name}: ${cpuSeconds.toFixed(2)} s CPU, peak ${peakMegabytes.toFixed()} MB`);
