import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Weir } from "../end-to-end/weir.ts";

/** The URL that a component listens at, once the log says it. */
export const urlOf = async (weir: Weir, component: string): Promise<string> => {
  for (;;) {
    const lines = weir.log.filter((line) => line.component === component);
    const [url] = lines.flatMap(({ msg }) => /listening on (\S+)/.exec(msg)?.[1] ?? []);
    if (url !== undefined) return url;
    await sleep(10);
  }
};

export const portOf = (url: string): number => Number(new URL(url).port);

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
