/**
 * Runs new-terms scenarios through `newTerms` and compares: node --conditions=weir-source scripts/new-terms-cases.ts FOLDER
 *
 * FOLDER holds new_terms_cases.jsonl, a scenario a line: name, fields, window_s, events (each with id, t in seconds, match
 * and doc) and stream_alerts (each [t, event id, terms]). Exits with 1 if a scenario differs.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Data, fingerprint } from "weir";
import { newTerms } from "weir/detection";
import { memoryState, RecordMeta, runStep } from "weir/testing";

interface Scenario {
  readonly name: string;
  readonly fields: readonly string[];
  readonly window_s: number;
  readonly events: readonly { readonly id: string; readonly t: number; readonly match: boolean; readonly doc: Data }[];
  readonly stream_alerts: readonly (readonly [t: number, id: string, terms: readonly string[]])[];
}

const run = ({ fields, window_s, events }: Scenario): unknown[] => {
  const step = newTerms({ id: "case", fields, window: window_s * 1000, state: memoryState(), hash: fingerprint });
  const unmatched = new Set(events.filter(({ match }) => !match).map(({ id }) => id));
  const matching = events
    .map(({ id, t, doc }, index) => ({ data: doc, meta: new RecordMeta("case", "events", index, t * 1000, id) }))
    .filter(({ meta }) => !unmatched.has(meta.id));
  return runStep(step, matching).events.map(({ data, meta }) => {
    const { new_terms } = data["weir"] as { new_terms: { event_id: string; terms: { value: string }[] } };
    return [meta.ingested / 1000, new_terms.event_id, new_terms.terms.map(({ value }) => value)];
  });
};

const folder = process.argv[2];
if (folder === undefined) {
  console.error("Usage: node --conditions=weir-source scripts/new-terms-cases.ts FOLDER");
  process.exit(2);
}
const scenarios = readFileSync(join(folder, "new_terms_cases.jsonl"), "utf8")
  .split("\n")
  .filter((line) => line.trim() !== "")
  .map((line) => JSON.parse(line) as Scenario);
let differing = 0;
for (const scenario of scenarios) {
  const [found, expected] = [JSON.stringify(run(scenario)), JSON.stringify(scenario.stream_alerts)];
  if (found === expected) console.log(`same    ${scenario.name}`);
  else {
    differing++;
    console.log(`DIFFERS ${scenario.name}\n  expected ${expected}\n  found    ${found}`);
  }
}
console.log(`${scenarios.length - differing} of ${scenarios.length} scenarios give the same alerts.`);
process.exitCode = differing === 0 ? 0 : 1;
