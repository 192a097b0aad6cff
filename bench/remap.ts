/**
 * The cost of shaping a line of an access log, in this process: each step by itself, and all of them as `remap` runs them.
 * `node --conditions=weir-source bench/remap.ts [LINES [ROUNDS]]`.
 */
import { Draft } from "weir/fields";
import { compileDateFormat, utc } from "weir/formats";
import { compileSteps, type StepConfig } from "../plugins/transforms/remap/chain.ts";
import { accessLine } from "./support/access-log.ts";
import { shapedByHand } from "./support/by-hand.ts";

const [count = 50_000, rounds = 10] = process.argv.slice(2).map(Number);
const lines = Array.from({ length: count }, (_, index) => accessLine(index));
const context = { ingested: Date.UTC(2026, 0, 2) };

const grok = { grok: { field: "message", patterns: ["%{COMBINEDAPACHELOG}"], ignore_missing: false } };
const convert = { convert: { response: "integer", bytes: "long" } };
const date = {
  date: {
    field: "timestamp",
    formats: [compileDateFormat("dd/MMM/yyyy:HH:mm:ss Z")],
    target: "@timestamp",
    timezone: utc,
  },
};

const shaping = (...steps: readonly StepConfig[]): ((line: string) => unknown) => {
  const run = compileSteps(steps);
  return (line) => {
    const draft = new Draft({ message: line });
    const end = run(draft, context);
    if (end) throw new Error(JSON.stringify(end));
    return draft.data;
  };
};

const ways: Readonly<Record<string, (line: string) => unknown>> = {
  "plain loop by hand": shapedByHand,
  grok: shaping(grok as never),
  "grok, convert": shaping(grok as never, convert as never),
  "grok, date": shaping(grok as never, date as never),
  "grok, date, convert": shaping(grok as never, date as never, convert as never),
};

// In turns, so that all run under the same conditions. The best round of each is the least disturbed one.
const best = new Map(Object.keys(ways).map((name) => [name, Number.POSITIVE_INFINITY]));
for (let round = 0; round < rounds; round++)
  for (const [name, shape] of Object.entries(ways)) {
    const start = process.cpuUsage();
    for (const line of lines) shape(line);
    const { user, system } = process.cpuUsage(start);
    best.set(name, Math.min(best.get(name)!, (user + system) / 1e6));
  }
console.log(`${count} lines of ${Math.round(lines.join("").length / count)} characters, best of ${rounds} rounds`);
for (const [name, seconds] of best) {
  const nanoseconds = Math.round((seconds / count) * 1e9);
  console.log(`${name.padEnd(24)} ${Math.round(count / seconds).toLocaleString("en-US")} lines/s  ${nanoseconds} ns`);
}
