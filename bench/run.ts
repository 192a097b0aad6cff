/**
 * Measures, and writes docs/benchmarks.md: `npm run bench -- [--only NAME,…] [--megabytes 1000] [--rounds 5]`. `--print` does not write
 * it. `--check` compares the ratios with those on the page instead, and fails if one fell by more than a quarter.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { detectors } from "./detectors.ts";
import { fanOut } from "./fan-out.ts";
import { fullPath } from "./full-path.ts";
import { http } from "./http.ts";
import { latency } from "./latency.ts";
import { newTerms } from "./new-terms.ts";
import { manyRules } from "./rules.ts";
import { shaping } from "./shaping.ts";
import { start } from "./start.ts";
import { pageWith, ratiosOf, type Section, written } from "./support/section.ts";
import { tapping } from "./taps.ts";
import { throughput } from "./throughput.ts";
import { webSockets } from "./websocket.ts";

const sections = [
  throughput,
  fullPath,
  manyRules,
  shaping,
  newTerms,
  fanOut,
  latency,
  http,
  webSockets,
  start,
  tapping,
  detectors,
] satisfies readonly Section[];

const head = `# Benchmarks

Written by \`npm run bench\`, except the soak; do not edit this page. Each section says when and where it was measured. Clients and writers
share the machine with weir. Compare ratios within a section, not figures between machines.`;

/** A ratio that is lower than this part of the one on the page is a regression. */
const tolerated = 0.75;

const { values } = parseArgs({
  options: {
    megabytes: { type: "string", default: "1000" },
    rounds: { type: "string", default: "5" },
    only: { type: "string", default: sections.map(({ name }) => name).join() },
    print: { type: "boolean", default: false },
    check: { type: "boolean", default: false },
  },
});
const settings = { megabytes: Number(values.megabytes), rounds: Number(values.rounds) };
const names = values.only.split(",");
const unknown = names.filter((name) => !sections.some((section) => section.name === name));
if (unknown.length > 0) {
  console.error(`There is no section "${unknown[0]}". There are: ${sections.map(({ name }) => name).join(", ")}.`);
  process.exit(2);
}

const path = fileURLToPath(new URL("../docs/benchmarks.md", import.meta.url));
const before = ratiosOf(readFileSync(path, "utf8"));
const texts = new Map<string, string>();
for (const section of sections.filter(({ name }) => names.includes(name))) {
  const text = await written(section, settings);
  console.log(text);
  texts.set(section.heading, text);
  // What is measured stays, should a later section fail.
  if (!values.print && !values.check) writeFileSync(path, pageWith(readFileSync(path, "utf8"), head, sections, texts));
}
if (values.check) {
  const fallen = [...ratiosOf([...texts.values()].join("\n"))].filter(
    ([row, ratio]) => ratio < tolerated * (before.get(row) ?? 0),
  );
  for (const [row, ratio] of fallen) console.error(`${row}: ${ratio}, on the page ${before.get(row)}`);
  console.error(
    fallen.length === 0 ? "No ratio fell by more than a quarter." : "Some ratios fell by more than a quarter.",
  );
  process.exitCode = fallen.length === 0 ? 0 : 1;
}
