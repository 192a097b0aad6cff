/** What shapes and counts events, beside loops in plain JavaScript that do only that by hand. */
import { accessLog, keyedNumbers } from "./support/access-log.ts";
import { type Cost, inTurns } from "./support/measure.ts";
import { number, type Section, table } from "./support/section.ts";
import { scriptCost, weirCost } from "./support/weir.ts";
import type { Workload } from "./support/workload.ts";

const [lines, keys] = [1_000_000, 1_000_000];

export const shaping: Section = {
  name: "shaping",
  heading: "Shaping and counting",
  measure: ({ rounds }) => {
    const [access, numbers] = [accessLog(lines), keyedNumbers(keys, 2 * keys)];
    const program = (name: string, work: Workload, run: (path: string) => Cost) => ({
      name,
      work,
      path: work.path,
      run: () => run(work.path),
    });
    const weir = (pipeline: string) => (log: string) => weirCost(pipeline, { log });
    const found = inTurns(
      [
        program("weir: file → remap (grok, date, convert) → blackhole", access, weir("access-log-blackhole.yaml")),
        program("weir: file → remap (grok, date, convert) → file", access, weir("access-log.yaml")),
        program("loop by hand: one regular expression, written", access, (log) =>
          scriptCost("support/access-loop.ts", log),
        ),
        program(`weir: file → aggregate by ${number(keys)} keys → file`, numbers, weir("aggregate.yaml")),
        program("loop by hand: a Map in memory, written", numbers, (log) =>
          scriptCost("support/aggregate-loop.ts", log),
        ),
      ],
      Math.min(rounds, 3),
    );
    const rows = found.map(({ program: { name, work }, cost }) => {
      const loop = found.find(({ program }) => program.work === work && program.name.startsWith("loop by hand"))!;
      return [
        name,
        number(cost.cpuSeconds, 2),
        number(work.bytes / 1e6 / cost.cpuSeconds, 1),
        number(work.events / cost.cpuSeconds),
        number(loop.cost.cpuSeconds / cost.cpuSeconds, 2),
        cost.peakMegabytes === undefined ? "–" : number(cost.peakMegabytes),
      ];
    });
    return `
An access log in the combined format, cut into fields by \`%{COMBINEDAPACHELOG}\`, with its date read and its numbers converted; and sums by
key over one window, of NDJSON in which each key comes twice. The CPU time of whole processes with all their threads, and figures per
second of it, on one core. weir runs as users run it: what it writes, and each sum before its window ends, is committed to disk. The loops by
hand keep nothing, and a crash loses what they do.

${table(["program", "CPU seconds", "MB/s", "events/s", "relative to the loop", "peak MB"], rows)}`;
  },
};
