/**
 * Runs what shapes and counts events on whole files, beside loops in plain JavaScript that do only that by hand.
 * `node --conditions=weir-source bench/shaping.ts` prints the CPU time of each process.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Stats } from "../src/runtime/stats.ts";
import { accessLog, keyedNumbers } from "./support/access-log.ts";
import { cpuTimed, inFolder, median } from "./support/measure.ts";
import type { Workload } from "./support/workload.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface Shaping {
  readonly name: string;
  readonly work: Workload;
  /** User and system time of the whole process, all its threads. */
  readonly cpuSeconds: number;
  /** Of weir. */
  readonly peakMegabytes: number | undefined;
}

interface Run {
  readonly cpuSeconds: number;
  readonly peakMegabytes?: number;
}

const weir = (pipeline: string, { path }: Workload): Run =>
  inFolder((folder) => {
    const stats = join(folder, "stats.json");
    const args = [here("../bin/weir.js"), "run", here(pipeline), "--data-dir", join(folder, "data"), "--stats", stats];
    const cpuSeconds = cpuTimed(process.execPath, args, { BENCH_LOG: path, BENCH_OUT: join(folder, "out.ndjson") });
    const { peak_memory_bytes } = JSON.parse(readFileSync(stats, "utf8")) as Stats;
    return { cpuSeconds, peakMegabytes: peak_memory_bytes / 1e6 };
  });

const byHand = (script: string, { path }: Workload): Run =>
  inFolder((folder) => ({ cpuSeconds: cpuTimed(process.execPath, [here(script), path, join(folder, "out.ndjson")]) }));

/** Medians of `rounds` rounds, in each of which every program runs once. */
export const shaping = (rounds: number, lines = 1_000_000, keys = 1_000_000): readonly Shaping[] => {
  const [access, numbers] = [accessLog(lines), keyedNumbers(keys, 2 * keys)];
  const programs: readonly (readonly [name: string, work: Workload, run: (work: Workload) => Run])[] = [
    ["weir: file → remap (grok, date, convert) → blackhole", access, (work) => weir("access-log-blackhole.yaml", work)],
    ["weir: file → remap (grok, date, convert) → file", access, (work) => weir("access-log.yaml", work)],
    ["loop by hand: one regular expression, written", access, (work) => byHand("support/access-loop.ts", work)],
    [
      `weir: file → aggregate by ${keys.toLocaleString("en-US")} keys → file`,
      numbers,
      (work) => weir("aggregate.yaml", work),
    ],
    ["loop by hand: a Map in memory, written", numbers, (work) => byHand("support/aggregate-loop.ts", work)],
  ];
  const runs = programs.map((): Run[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, [, work, run]] of programs.entries()) {
      readFileSync(work.path).length; // The system may have evicted the file from its cache.
      runs[index]!.push(run(work));
    }
  return programs.map(([name, work], index) => ({
    name,
    work,
    cpuSeconds: median(runs[index]!.map(({ cpuSeconds }) => cpuSeconds)),
    peakMegabytes: runs[index]![0]!.peakMegabytes,
  }));
};

if (import.meta.main)
  for (const { name, work, cpuSeconds, peakMegabytes } of shaping(1, ...process.argv.slice(2).map(Number)))
    console.log(
      `${name.padEnd(60)} ${cpuSeconds.toFixed(2)} s CPU  ${Math.round(work.events / cpuSeconds)} events/s  ${(work.bytes / 1e6 / cpuSeconds).toFixed(1)} MB/s  ${peakMegabytes?.toFixed(0) ?? "–"} MB peak`,
    );
