/** Compares file → kubernetes_audit → detection → file, and file → remap → file, with jq and with a bare loop of JSON.parse on the same file. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Stats } from "../src/runtime/stats.ts";
import { hasProgram, median, timed } from "./support/measure.ts";
import { type Workload, workload } from "./support/workload.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface Throughput {
  readonly name: string;
  readonly seconds: number;
  readonly megabytesPerSecond: number;
  readonly eventsPerSecond: number;
  readonly peakMegabytes: number | undefined;
}

/** Runs a pipeline on the command line; returns its counters, and the seconds from start to end of the process. */
export const runWeir = (
  { path }: Workload,
  pipeline = "headline.yaml",
  more: readonly string[] = [],
): { readonly seconds: number; readonly stats: Stats } => {
  const directory = mkdtempSync(join(tmpdir(), "weir-bench-"));
  try {
    process.env["BENCH_LOG"] = path;
    process.env["BENCH_ALERTS"] = join(directory, "alerts.ndjson");
    process.env["BENCH_OUT"] = join(directory, "out.ndjson");
    const stats = join(directory, "stats.json");
    const args = [
      here("../bin/weir.js"),
      "run",
      here(pipeline),
      "--data-dir",
      join(directory, "data"),
      "--stats",
      stats,
      ...more,
    ];
    const seconds = timed(process.execPath, args);
    return { seconds, stats: JSON.parse(readFileSync(stats, "utf8")) };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

const filter = `select(.objectRef.resource == "secrets" and (.verb == "get" or .verb == "list") and .userAgent != null and (.userAgent | endswith("kubernetes/$Format") | not))`;

/** Medians of `rounds` rounds. Each program runs once per round, so that all run under the same conditions. */
export const throughput = (megabytes: number, rounds: number): readonly Throughput[] => {
  const work = workload(megabytes);
  let peak = 0;
  const programs: Record<string, () => number> = {
    "weir: file → kubernetes_audit → detection → file": () => {
      const { seconds, stats } = runWeir(work);
      peak = Math.max(peak, stats.peak_memory_bytes / 1e6);
      return seconds;
    },
    "weir: the same with --workers 2": () => runWeir(work, "headline.yaml", ["--workers", "2"]).seconds,
    "weir: file → remap → file: every event is changed and written": () =>
      runWeir(work, "parse-everything.yaml").seconds,
    "bare loop: JSON.parse of every line, nothing else": () =>
      timed(process.execPath, [here("support/bare-loop.ts"), work.path]),
    ...(hasProgram("jq") && {
      "jq -c 'select(…)': the rule's filter, no history": () => timed("jq", ["-c", filter, work.path]),
    }),
  };
  const times = Object.keys(programs).map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, run] of Object.values(programs).entries()) {
      readFileSync(work.path).length; // The system may have evicted the file from its cache.
      times[index]!.push(run());
    }
  return Object.keys(programs).map((name, index) => {
    const seconds = median(times[index]!);
    const peakMegabytes = index === 0 ? peak : undefined;
    return {
      name,
      seconds,
      megabytesPerSecond: work.bytes / 1e6 / seconds,
      eventsPerSecond: work.events / seconds,
      peakMegabytes,
    };
  });
};
