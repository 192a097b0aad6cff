import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** The value below which `share` of the values lie. */
export const quantile = (values: readonly number[], share: number): number =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))]!;

/** Calls back with a temporary folder, which is then removed. */
export const inFolder = <T>(use: (folder: string) => T): T => {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** What a whole process cost. */
export interface Cost {
  readonly seconds: number;
  /** User and system time, with all threads. */
  readonly cpuSeconds: number;
  /** Of weir: peak resident set in 10^6 bytes. */
  readonly peakMegabytes?: number;
}

/** Throws if the process fails. */
export const costOf = (
  command: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Cost => {
  const start = performance.now();
  // `times` tells what the processes that have ended took.
  const { status, stdout, stderr } = spawnSync("sh", ["-c", '"$@" >/dev/null && times', "sh", command, ...args], {
    env: { ...process.env, ...environment },
    encoding: "utf8",
    maxBuffer: 1 << 26,
  });
  if (status !== 0) throw new Error(`${command} ${args.join(" ")} ended with ${status}: ${stderr}`);
  return {
    seconds: (performance.now() - start) / 1000,
    cpuSeconds: secondsIn(stdout.trim().split("\n").at(-1)!),
  };
};

/** User and system time, as `times` writes it: `0m5.120s 0m0.350s`. */
export const secondsIn = (times: string): number =>
  [...times.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (total, [, minutes, seconds]) => total + 60 * Number(minutes) + Number(seconds),
    0,
  );

/** A program to be measured, and the file that it reads. */
export interface Program {
  readonly name: string;
  readonly path: string;
  readonly run: () => Cost;
}

/** What each program costs: medians of `rounds` rounds, in each of which every program runs once; the highest peak. */
export const inTurns = <P extends Program>(
  programs: readonly P[],
  rounds: number,
): readonly { readonly program: P; readonly cost: Cost }[] => {
  const costs = programs.map((): Cost[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [index, { path, run }] of programs.entries()) {
      readFileSync(path).length; // The system may have evicted the file from its cache.
      costs[index]!.push(run());
    }
  return programs.map((program, index) => {
    const all = costs[index]!;
    const peaks = all.map(({ peakMegabytes }) => peakMegabytes).filter((peak) => peak !== undefined);
    return {
      program,
      cost: {
        seconds: median(all.map(({ seconds }) => seconds)),
        cpuSeconds: median(all.map(({ cpuSeconds }) => cpuSeconds)),
        ...(peaks.length > 0 && { peakMegabytes: Math.max(...peaks) }),
      },
    };
  });
};

export const hasProgram = (name: string): boolean => spawnSync(name, ["--version"], { stdio: "ignore" }).status === 0;

export const machine = (): string => `${cpus().length} × ${cpus()[0]?.model.trim()}, Node ${process.versions.node}`;
