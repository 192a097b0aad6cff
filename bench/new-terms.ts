/**
 * Looks for new terms in all events, on a data dir that knows many terms.
 * `node --conditions=weir-source bench/new-terms.ts [KNOWN] [EVENTS]` prints what each run took.
 */
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Stats } from "../src/runtime/stats.ts";
import { cpuTimed } from "./support/measure.ts";
import type { Pauses } from "./support/pauses.ts";
import { knownTerms, mixed, termEvents } from "./support/terms.ts";
import type { Workload } from "./support/workload.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface TermsRun {
  readonly name: string;
  readonly events: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly pauses: Pauses;
  readonly peakBytes: number;
  readonly databaseBytes: number;
  readonly sent: number;
}

const run = (name: string, folder: string, { path, events }: Workload): TermsRun => {
  const [stats, pauses] = [join(folder, "stats.json"), join(folder, "pauses.json")];
  const args = [
    "--import",
    here("support/pauses.ts"),
    here("../bin/weir.js"),
    "run",
    here("new-terms.yaml"),
    "--data-dir",
    join(folder, "data"),
    "--stats",
    stats,
  ];
  readFileSync(path).length;
  const start = performance.now();
  const cpuSeconds = cpuTimed(process.execPath, args, { BENCH_LOG: path, BENCH_PAUSES: pauses });
  const seconds = (performance.now() - start) / 1000;
  const found = JSON.parse(readFileSync(stats, "utf8")) as Stats;
  return {
    name,
    events,
    seconds,
    cpuSeconds,
    pauses: JSON.parse(readFileSync(pauses, "utf8")) as Pauses,
    peakBytes: found.peak_memory_bytes,
    databaseBytes: statSync(join(folder, "data/weir.db")).size,
    sent: found.components["nowhere"]!.component_received_events_total,
  };
};

const [known, events] = [Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? 300_000)];
const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
try {
  if (known > 0) cpSync(knownTerms(known), join(folder, "data"), { recursive: true });
  const fresh = known === 0 ? 0 : 1e9;
  const works: [string, Workload][] = [
    ["one", termEvents("one", 1, () => 1e9 - 1)],
    ["new", termEvents(`new-${fresh}`, events, (index) => fresh + index)],
    ["known", termEvents(`known-${known || events}`, events, (index) => mixed(index + 7, known || events))],
    ["again", termEvents(`again-${known || events}`, events, (index) => mixed(index * 3 + 11, known || events))],
    ["one", termEvents("one", 1, () => 1e9 - 1)],
  ];
  for (const [name, work] of works) {
    const { seconds, cpuSeconds, pauses, peakBytes, databaseBytes, sent } = run(name, folder, work);
    console.log(
      `${name.padEnd(6)} ${work.events} events ${sent} new  ${seconds.toFixed(2)} s wall ${cpuSeconds.toFixed(2)} s CPU ${Math.round(work.events / cpuSeconds)}/CPU s ${Math.round(work.events / seconds)}/s  pause ${pauses.longest.toFixed(1)} (p99.9 ${pauses.usual.toFixed(1)}, gc ${pauses.garbage.toFixed(1)}) ms  peak ${(peakBytes / 1e6).toFixed(0)} end ${(pauses.resident / 1e6).toFixed(0)} MB  db ${(databaseBytes / 1e6).toFixed(0)} MB`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
