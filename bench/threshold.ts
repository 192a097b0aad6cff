/**
 * Counts events in threshold rules, on the state that the runtime keeps, in batches of 1,000 events.
 * `node --conditions=weir-source bench/threshold.ts [SECONDS]` prints events per second for each kind of rule.
 */

import { threshold } from "../src/detection/threshold/threshold.ts";
import { RecordMeta } from "../src/event.ts";
import { fingerprint as hash } from "../src/fingerprint.ts";
import { KeepRun } from "../src/testing/keep-run.ts";

const seconds = Number(process.argv[2] ?? 3);
const start = Date.UTC(2026, 0, 1);

interface Kind {
  readonly value: number;
  readonly groups: number;
  /** The part of the events that come up to half a window late. */
  readonly late: number;
  readonly distinct: number;
}

const eventsPerSecond = ({ value, groups, late, distinct }: Kind): number => {
  const cardinality = distinct > 0 ? [{ field: "door", value: distinct }] : [];
  const options = { fields: ["user"], value, cardinality, window: 60_000, lateness: 60_000 };
  const run = new KeepRun({
    id: "threshold",
    outputs: [],
    build: (state) => threshold(options, { selection: "*", state, hash, timestamp: "time" }),
  });
  let index = 0;
  const event = () => {
    const time = start + index - (index % 1_000 < late * 1_000 ? (index * 7_919) % 30_000 : 0);
    const meta = new RecordMeta("doors", "log", index, start + index);
    return { data: { user: `u${index % groups}`, door: `d${index++ % 64}`, time }, meta };
  };
  const until = process.cpuUsage().user + seconds * 1e6;
  const before = process.cpuUsage();
  while (process.cpuUsage().user < until) run.batch(Array.from({ length: 1_000 }, event));
  const { user, system } = process.cpuUsage(before);
  return Math.round(index / ((user + system) / 1e6));
};

for (const value of [10, 1_000, 10_000])
  for (const kind of [
    { value, groups: 1, late: 0, distinct: 0 },
    { value, groups: 1, late: 0.2, distinct: 0 },
    { value, groups: 10, late: 0.2, distinct: 0 },
    { value, groups: 1, late: 0, distinct: 50 },
    { value, groups: 1, late: 0.2, distinct: 65 },
  ])
    console.log(`${JSON.stringify(kind)}: ${eventsPerSecond(kind).toLocaleString("en")} events/s`);
