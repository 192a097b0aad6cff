/** What one to 500 rules cost on the same file. */
import { join } from "node:path";
import { type RuleKind, writeRules } from "./support/many-rules.ts";
import { inTurns } from "./support/measure.ts";
import { number, type Section, table } from "./support/section.ts";
import { weirCost } from "./support/weir.ts";
import { workload } from "./support/workload.ts";

const sets: readonly (readonly [name: string, kind: RuleKind, count: number])[] = [
  ["1 in KQL", "kql", 1],
  ["10 in KQL", "kql", 10],
  ["100 in KQL", "kql", 100],
  ["500 in KQL", "kql", 500],
  ["1 in EQL", "eql", 1],
  ["500 in EQL", "eql", 500],
  ["50 sequences in EQL", "sequence", 50],
];

export const manyRules: Section = {
  name: "rules",
  heading: "Many rules",
  measure: ({ megabytes, rounds }) => {
    const work = workload(megabytes);
    const { path } = work;
    const found = inTurns(
      sets.map(([name, kind, count]) => ({
        name,
        path,
        run: () =>
          weirCost("many-rules.yaml", {
            log: path,
            environment: (folder) => ({ BENCH_RULES: writeRules(join(folder, "rules"), kind, count) }),
          }),
      })),
      Math.min(rounds, 3),
    );
    const rows = found.map(({ program, cost }) => [
      program.name,
      number(cost.cpuSeconds, 2),
      number(work.bytes / 1e6 / cost.cpuSeconds),
      number(work.events / cost.cpuSeconds),
      number(found[0]!.cost.cpuSeconds / cost.cpuSeconds, 2),
      number(cost.peakMegabytes!),
    ]);
    return `
The pipeline of the first section, with other rules in Elastic's TOML, each with values of its own. They match no event, so all the time goes into
finding that out. The CPU time of whole processes with all their threads, on ${number(work.bytes)} bytes; loading the rules is a
part of it.

${table(["rules", "CPU seconds", "MB/s", "events/s", "relative to one rule in KQL", "peak MB"], rows)}`;
  },
};
