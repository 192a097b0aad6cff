/** Preloaded into weir by benchmarks (`node --import`): writes how long its main thread stood still, and its memory, to BENCH_PAUSES. */
import { writeFileSync } from "node:fs";
import { monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";

/** What a run of weir writes. */
export interface Pauses {
  /** The longest turn of the event loop, in milliseconds, and the one that 99.9 % do not exceed. */
  readonly longest: number;
  readonly usual: number;
  /** The longest turn in CPU time of the main thread: what the machine does meanwhile does not count. */
  readonly work: number;
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
  let work = 0;
  const watch = () => {
    delays.enable();
    let before = process.threadCpuUsage();
    // It comes in each turn that begins a millisecond after the last.
    setInterval(() => {
      const now = process.threadCpuUsage();
      work = Math.max(work, (now.user + now.system - before.user - before.system) / 1_000);
      before = now;
    }, 1).unref();
  };
  // The start is not a pause.
  setTimeout(watch, Number(process.env["BENCH_PAUSES_AFTER"] ?? 1_000)).unref();
  process.on("exit", () => {
    const pauses: Pauses = {
      longest: delays.max / 1e6,
      usual: delays.percentile(99.9) / 1e6,
      work,
      garbage,
      resident: process.memoryUsage.rss(),
    };
    writeFileSync(path, JSON.stringify(pauses));
  });
}
