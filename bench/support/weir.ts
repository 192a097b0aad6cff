import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Stats } from "../../src/runtime/stats.ts";
import { type Cost, costOf, inFolder } from "./measure.ts";

const bin = fileURLToPath(new URL("../../bin/weir.js", import.meta.url));

/** A file in bench/. */
export const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

export interface WeirOptions {
  /** What it reads: `BENCH_LOG` in the pipeline. */
  readonly log: string;
  /** Further options of `weir run`. */
  readonly options?: readonly string[];
  /** Adds variables for the pipeline; it gets a folder for files. */
  readonly environment?: (folder: string) => Readonly<Record<string, string>>;
}

/**
 * Runs a pipeline to its end, as users do: a file of bench/, or a text. What it writes to `BENCH_OUT` or `BENCH_ALERTS` is in
 * a folder that is removed.
 */
export const weirCost = (pipeline: string, { log, options = [], environment }: WeirOptions): Cost & { stats: Stats } =>
  inFolder((folder) => {
    const stats = join(folder, "stats.json");
    const isText = pipeline.includes("\n");
    const path = isText ? join(folder, "weir.yaml") : here(pipeline);
    if (isText) writeFileSync(path, pipeline);
    const args = [bin, "run", path, "--data-dir", join(folder, "data"), "--stats", stats, ...options];
    const cost = costOf(process.execPath, args, {
      BENCH_LOG: log,
      BENCH_OUT: join(folder, "out.ndjson"),
      BENCH_ALERTS: join(folder, "alerts.ndjson"),
      ...environment?.(folder),
    });
    const read = JSON.parse(readFileSync(stats, "utf8")) as Stats;
    return { ...cost, peakMegabytes: read.peak_memory_bytes / 1e6, stats: read };
  });

/** Runs a script of bench/ that reads a file, and may write another one. */
export const scriptCost = (script: string, log: string): Cost =>
  inFolder((folder) => costOf(process.execPath, [here(script), log, join(folder, "out.ndjson")]));
