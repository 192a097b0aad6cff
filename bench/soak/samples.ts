import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Usage, usageOf } from "../../test/hostile/process.ts";
import { median } from "../support/measure.ts";

export interface Sample extends Usage {
  /** In seconds since the soak began. */
  readonly at: number;
  /** Bytes in the data dir. */
  readonly disk: number;
}

export const sample = (at: number, pid: number, dataDir: string): Sample => ({
  at,
  ...usageOf(pid),
  disk: sizeOf(dataDir),
});

/** Files may vanish while they are counted. */
const sizeOf = (directory: string): number =>
  (readdirSync(directory, { recursive: true }) as string[])
    .map((name) => statSync(join(directory, name), { throwIfNoEntry: false }))
    .reduce((total, stats) => total + (stats?.isFile() ? stats.size : 0), 0);

export interface Course {
  readonly start: number;
  readonly middle: number;
  readonly end: number;
  /** Of a straight line through the second half, per minute. */
  readonly slope: number;
}

/** The course of one figure: the medians of a first, middle and last fifth, and its slope. */
export const courseOf = (samples: readonly Sample[], figure: (sample: Sample) => number): Course => {
  const fifth = Math.max(1, Math.floor(samples.length / 5));
  const middle = Math.floor((samples.length - fifth) / 2);
  const of = (from: number) => median(samples.slice(from, from + fifth).map(figure));
  return { start: of(0), middle: of(middle), end: of(samples.length - fifth), slope: slopeOf(samples, figure) * 60 };
};

/** Least squares, per second. */
const slopeOf = (samples: readonly Sample[], figure: (sample: Sample) => number): number => {
  const half = samples.slice(samples.length >> 1);
  const mean = (values: readonly number[]) => values.reduce((total, value) => total + value, 0) / values.length;
  const [time, value] = [mean(half.map(({ at }) => at)), mean(half.map(figure))];
  const over = half.reduce((total, one) => total + (one.at - time) * (figure(one) - value), 0);
  return over / half.reduce((total, one) => total + (one.at - time) ** 2, 0);
};
