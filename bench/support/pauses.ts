/** Preloaded into weir by benchmarks (`node --import`): writes how long its main thread stood still, and its memory, to BENCH_PAUSES. */
import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/** What a run of weir writes. */
export interface Pauses {
  /** The longest turn of the event loop, in milliseconds, and the one that 99.9 % do not exceed. */
  readonly longest: number;
  readonly usual: number;
  /** The longest pause for garbage, in milliseconds. */
  readonly garbage: number;
  /** In bytes, at the end. */
  readonly resident: number;
}

const path = process.env["BENCH_PAUSES"];
if (isMainThread && path !== undefined) {
  const delays = monitorEventLoopDelay({ resolution: 1 });
  let garbage = 0;
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) garbage = Math.max(garbage, duration);
  }).observe({ entryTypes: ["gc"] });
  // The start is not a pause.
  setTimeout(() => delays.enable(), Number(process.env["BENCH_PAUSES_AFTER"] ?? 1_000)).unref();
  process.on("exit", () => {
    const pauses: Pauses = {
      longest: delays.max / 1e6,
      usual: delays.percentile(99.9) / 1e6,
      garbage,
      resident: process.memoryUsage.rss(),
    };
    writeFileSync(path, JSON.stringify(pauses));
  });
}
