/**
 * Checks the headline rule against an oracle on audit events of your own: `node --conditions=weir-source
 * scripts/verdicts.ts FOLDER` takes each event of FOLDER/events/*.ndjson (lines `{"event": …}`, or the event itself) as
 * it is and turned into secret reads, in every envelope; those that carry only a part of it are held to that part.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Data } from "weir";
import { compareVerdicts, variants } from "../test/kubernetes-audit/verdicts.ts";

const [folder] = process.argv.slice(2);
if (!folder) {
  console.error("Which folder? It has to hold events/*.ndjson.");
  process.exit(2);
}

const eventsOf = (file: string): readonly Data[] =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => JSON.parse(line))
    .map((record) => record.event ?? record);

let failures = 0;
for (const name of readdirSync(join(folder, "events")).filter((file) => file.endsWith(".ndjson"))) {
  const events = eventsOf(join(folder, "events", name)).map(variants);
  // Each event with a history of its own, then all of them in one.
  const runs = [...events, events.flat()].map(compareVerdicts);
  const failed = runs.flatMap((run) => run.failed);
  const passed = runs.reduce((sum, run) => sum + run.passed, 0);
  console.log(`${name}: ${events.length} events, ${passed} verdicts as expected, ${failed.length} not`);
  for (const { envelope, event, expected, found, rejected } of failed.slice(0, 3)) {
    console.log(`  in ${envelope}: expected ${expected.join(" ") || "no alert"}, found ${found.join(" ") || "none"}`);
    console.log(`  ${rejected ?? ""} ${JSON.stringify(event).slice(0, 300)}`);
  }
  failures += failed.length;
}
process.exitCode = failures === 0 ? 0 : 1;
