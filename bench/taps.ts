/** Compares the CPU time of the headline pipeline with and without `weir tap` beside it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { reachControl } from "../src/control/client.ts";
import { median, secondsIn } from "./support/measure.ts";
import { number, type Section, table } from "./support/section.ts";
import { type Workload, workload } from "./support/workload.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

interface TapCost {
  readonly name: string;
  readonly cpuSeconds: number;
  /** The least CPU time of the rounds, relative to that without a tap: other programs on the machine only add to it. */
  readonly ratio: number;
  /** Events that the tap showed. */
  readonly shown: number;
}

const taps: Readonly<Record<string, readonly string[] | undefined>> = {
  "no tap": undefined,
  "weir tap ecs": ["ecs"],
  "weir tap '*' --rate 1000000": ["*", "--rate", "1000000"],
  "weir tap '*' --where 'user.name: nobody*'": ["*", "--where", "user.name: nobody*"],
};

/** Medians of `rounds` rounds, in each of which every tap runs once; each round begins with another one. */
const tapCosts = async (megabytes: number, rounds: number): Promise<readonly TapCost[]> => {
  const work = workload(megabytes);
  const runs = Object.keys(taps).map((): { cpu: number; shown: number }[] => []);
  const kinds = Object.values(taps);
  for (let round = 0; round < rounds; round++)
    for (const turn of kinds.keys()) {
      const index = (round + turn) % kinds.length;
      readFileSync(work.path).length; // The system may have evicted the file from its cache.
      runs[index]!.push(await runWith(kinds[index], work));
    }
  return Object.keys(taps).map((name, index) => ({
    name,
    cpuSeconds: median(runs[index]!.map(({ cpu }) => cpu)),
    ratio: least(runs[index]!) / least(runs[0]!),
    shown: median(runs[index]!.map(({ shown }) => shown)),
  }));
};

const least = (runs: readonly { readonly cpu: number }[]): number => Math.min(...runs.map(({ cpu }) => cpu));

const weir = here("../bin/weir.js");

const runWith = async (tap: readonly string[] | undefined, { path }: Workload) => {
  const directory = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const dataDir = join(directory, "data");
  const env = { ...process.env, BENCH_LOG: path, BENCH_ALERTS: join(directory, "alerts.ndjson") };
  const args = [process.execPath, weir, "run", here("headline.yaml"), "--data-dir", dataDir];
  try {
    // `times` tells what the processes that have ended took.
    const run = spawn("sh", ["-c", '"$@" && times', "sh", ...args], { env, stdio: ["ignore", "pipe", "ignore"] });
    const over = once(run, "close");
    const printed = linesOf(run);
    const shown = tap ? watch([...tap, "--data-dir", dataDir], dataDir, run) : 0;
    await over;
    if (run.exitCode !== 0) throw new Error(`weir ended with ${run.exitCode}`);
    return { cpu: secondsIn((await printed).at(-1)!), shown: await shown };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
};

/** The number of events that a tap shows, from the moment at which the run answers until its end. */
const watch = async (args: readonly string[], dataDir: string, run: ChildProcess): Promise<number> => {
  while (run.exitCode === null && !(await reachControl(dataDir))) await sleep(10);
  const tap = spawn(process.execPath, [weir, "tap", ...args], { stdio: ["ignore", "pipe", "ignore"] });
  let shown = 0;
  for await (const _ of createInterface({ input: tap.stdout })) shown++;
  return shown;
};

const linesOf = async ({ stdout }: ChildProcess): Promise<readonly string[]> => {
  const lines: string[] = [];
  for await (const line of createInterface({ input: stdout! })) lines.push(line);
  return lines;
};

export const tapping: Section = {
  name: "taps",
  heading: "Watching events",
  measure: async ({ megabytes, rounds }) => {
    const rows = (await tapCosts(megabytes, rounds)).map(({ name, cpuSeconds, ratio, shown }) => [
      name,
      number(cpuSeconds, 2),
      number(ratio, 3),
      number(shown),
    ]);
    return `
The CPU time of the run of [Reading a whole file](#reading-a-whole-file), and how many events a tap beside it showed. The time of
the tap's own process is not in it.

${table(["beside the run", "CPU seconds", "times that without a tap", "events shown"], rows)}`;
  },
};
