import { readdirSync, readFileSync } from "node:fs";

/** What the system says of a process, in bytes. */
export interface Usage {
  readonly resident: number;
  readonly peak: number;
  readonly descriptors: number;
}

/** Of a process that runs. Linux only. */
export const usageOf = (pid: number): Usage => {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const bytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024;
  return {
    resident: bytes("VmRSS"),
    peak: bytes("VmHWM"),
    descriptors: readdirSync(`/proc/${pid}/fd`).length,
  };
};

/** The value below which `share` of the values lie. */
export const quantile = (values: readonly number[], share: number): number =>
  values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? Number.NaN;
