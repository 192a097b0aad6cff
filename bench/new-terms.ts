/** New terms over all events, on data dirs that know many terms. */
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { costOf, inFolder } from "./support/measure.ts";
import type { Pauses } from "./support/pauses.ts";
import { number, type Section, table } from "./support/section.ts";
import { knownTerms, mixed, termEvents } from "./support/terms.ts";
import { here } from "./support/weir.ts";
import type { Workload } from "./support/workload.ts";

const events = 100_000;

/** Runs that follow each other on one data dir. */
const runsOn = (known: number): readonly (readonly [name: string, work: Workload])[] => [
  ["start, one event, end", termEvents("one", 1, () => 1e9 - 1)],
  [`${number(events)} new terms`, termEvents("new-1000000000", events, (index) => 1e9 + index)],
  [`${number(events)} known terms`, termEvents(`known-${known}`, events, (index) => mixed(index + 7, known))],
  ["the same once more", termEvents(`again-${known}`, events, (index) => mixed(index * 3 + 11, known))],
];

const runIn = (folder: string, { path }: Workload) => {
  const pauses = join(folder, "pauses.json");
  readFileSync(path).length;
  const args = ["--import", here("support/pauses.ts"), here("../bin/weir.js"), "run", here("new-terms.yaml")];
  const cost = costOf(process.execPath, [...args, "--data-dir", join(folder, "data")], {
    BENCH_LOG: path,
    BENCH_PAUSES: pauses,
  });
  return { cost, pauses: JSON.parse(readFileSync(pauses, "utf8")) as Pauses };
};

const rowsFor = (known: number) =>
  inFolder((folder) => {
    cpSync(knownTerms(known), join(folder, "data"), { recursive: true });
    return runsOn(known).map(([name, work]) => {
      const { cost, pauses } = runIn(folder, work);
      return [
        number(known),
        name,
        number(cost.seconds, 1),
        number(cost.cpuSeconds, 1),
        work.events === 1 ? "–" : number(work.events / cost.cpuSeconds),
        number(pauses.longest),
        number(pauses.usual, 1),
        number(pauses.work, 1),
        number(pauses.resident / 1e6),
      ];
    });
  });

export const newTerms: Section = {
  name: "new-terms",
  heading: "Many known terms",
  measure: () => `
File → \`new_terms\` over one field of every event → blackhole, on data dirs that know a million and ten million terms. The runs
of each follow each other. A pause is a turn of the event loop of the main thread, after the first second.

${table(
  [
    "known terms",
    "run",
    "seconds",
    "CPU seconds",
    "events per CPU second",
    "longest pause, ms",
    "99.9 % of pauses, ms",
    "longest pause, ms of CPU",
    "resident MB at the end",
  ],
  [1_000_000, 10_000_000].flatMap(rowsFor),
)}`,
};
