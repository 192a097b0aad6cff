/** How fast a file is read from which a rule wants little: the headline rule, and its filter alone, beside other programs. */
import { costOf, hasProgram, inTurns, type Program } from "./support/measure.ts";
import { number, type Section, table } from "./support/section.ts";
import { scriptCost, weirCost } from "./support/weir.ts";
import { type Workload, workload } from "./support/workload.ts";

const filter = `select(.objectRef.resource == "secrets" and (.verb == "get" or .verb == "list") and .userAgent != null and (.userAgent | endswith("kubernetes/$Format") | not))`;

const bare = "bare loop: JSON.parse of every line, nothing else";

const programsOn = ({ path }: Workload): readonly Program[] =>
  [
    { name: "weir: file → kubernetes_audit → detection → file", run: () => weirCost("headline.yaml", { log: path }) },
    { name: "weir: file → kubernetes_audit → filter → file", run: () => weirCost("filter-only.yaml", { log: path }) },
    { name: bare, run: () => scriptCost("support/bare-loop.ts", path) },
    ...(hasProgram("jq") ? [{ name: "jq: the rule's filter", run: () => costOf("jq", ["-c", filter, path]) }] : []),
    ...(hasProgram("jq") && hasProgram("rg")
      ? [
          {
            name: "rg | jq: the same, of the lines with `secrets`",
            run: () => costOf("sh", ["-c", 'rg -F \'"secrets"\' "$1" | jq -c "$2"', "sh", path, filter]),
          },
        ]
      : []),
  ].map((program) => ({ ...program, path }));

export const throughput: Section = {
  name: "files",
  heading: "Reading a whole file",
  measure: ({ megabytes, rounds }) => {
    const work = workload(megabytes);
    const found = inTurns(programsOn(work), rounds);
    const loop = found.find(({ program }) => program.name === bare)!.cost;
    const small = weirCost("headline.yaml", { log: workload(megabytes / 10).path }).peakMegabytes!;
    const rows = found.map(({ program, cost }) => [
      program.name,
      number(cost.seconds, 2),
      number(cost.cpuSeconds, 2),
      number(work.bytes / 1e6 / cost.seconds),
      number(work.events / cost.seconds),
      number(loop.seconds / cost.seconds, 2),
      cost.peakMegabytes === undefined ? "–" : number(cost.peakMegabytes),
    ]);
    return `
${number(work.bytes)} bytes of NDJSON, ${number(work.events)} made-up Kubernetes audit events of ${number(work.bytes / work.events)} bytes on average
(from the \`demo\` source, seed 1), with a warm page cache. Times are of whole processes, which run in turn; medians of ${rounds}
rounds. weir runs as users run it, with its data dir on disk: each alert is committed, delivered and synced. The others keep
no history, and sync nothing.

${table(["program", "seconds", "CPU seconds", "MB/s", "events/s", "relative to the bare loop", "peak MB"], rows)}

With a tenth of the file, the peak resident set of the headline pipeline was ${number(small)} MB.`;
  },
};
