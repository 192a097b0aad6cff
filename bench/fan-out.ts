/** What it costs to write every event to one file, and to three. */
import { inTurns } from "./support/measure.ts";
import { number, type Section, table } from "./support/section.ts";
import { weirCost } from "./support/weir.ts";
import { workload } from "./support/workload.ts";

const pipeline = (sinks: number): string => `
sources:
  audit: { type: file, include: ["\${env:BENCH_LOG}"], follow: false, origin: never, codec: json }
sinks:
${Array.from({ length: sinks }, (_, index) => `  out_${index}: { type: file, inputs: [audit], path: "\${env:BENCH_OUT}.${index}" }`).join("\n")}
`;

export const fanOut: Section = {
  name: "fan-out",
  heading: "One sink and three",
  measure: ({ megabytes, rounds }) => {
    const work = workload(megabytes / 5);
    const { path } = work;
    const found = inTurns(
      [1, 3].map((sinks) => ({
        name: sinks === 1 ? "one file" : `${sinks} files`,
        path,
        run: () => weirCost(pipeline(sinks), { log: path }),
      })),
      Math.min(rounds, 3),
    );
    const rows = found.map(({ program, cost }) => [
      program.name,
      number(cost.seconds, 2),
      number(cost.cpuSeconds, 2),
      number(work.events / cost.cpuSeconds),
      number(found[0]!.cost.cpuSeconds / cost.cpuSeconds, 2),
      number(cost.peakMegabytes!),
    ]);
    return `
Every event of ${number(work.bytes)} bytes is committed for each sink, delivered to it and synced.

${table(["written to", "seconds", "CPU seconds", "events per CPU second", "relative to one file", "peak MB"], rows)}`;
  },
};
