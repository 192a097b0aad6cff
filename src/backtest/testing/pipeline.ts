import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { loadPipelineFile } from "../../cli/load-file.ts";
import { trusted } from "../../cli/plugins.ts";
import type { Data } from "../../json.ts";
import { defineTransform, type Plugin } from "../../plugin.ts";
import { temporaryFolder } from "../../temporary-folder.ts";
import { type Topology, topologyOf } from "../../topology/topology.ts";

const common = `severity: low
risk_score: 10
created: "2026-01-01"
description: For tests.
tests: [{ name: nothing, events: [{ event: { a: b }, alerts: [] }] }]
`;

/** Rules of every type, with limits, and on both axes of time. */
const rules: Readonly<Record<string, string>> = {
  opened: `id: 00000000-0000-4000-8000-000000000001
title: Opened
type: query
query: 'action: "open"'
suppression: { group_by: [user.name], duration: 30m }
profiles:
  tuned: { changes: Ann may open., without: 'user.name: "ann"' }
`,
  newcomer: `id: 00000000-0000-4000-8000-000000000002
title: Newcomer
type: new_terms
query: 'action: *'
new_terms: { fields: [user.name], window: 6h }
`,
  many: `id: 00000000-0000-4000-8000-000000000003
title: Many
type: threshold
query: 'action: "shut"'
threshold: { fields: [user.name], value: 3, window: 1h }
`,
  not_shut: `id: 00000000-0000-4000-8000-000000000004
title: Not Shut
type: eql
query: 'sequence by user.name with maxspan=20m [any where action == "open"] ![any where action == "shut"]'
`,
  then_shut: `id: 00000000-0000-4000-8000-000000000005
title: Then Shut
type: eql
query: 'sequence by user.name with maxspan=1h [any where action == "open"] [any where action == "shut"]'
timestamp: "@timestamp"
correlation: { lateness: 5s }
`,
};

/** A pipeline of these rules. It collects what they send. */
export const doorsPipeline = async (): Promise<{
  readonly topology: Topology;
  readonly trusted: ReadonlySet<Plugin>;
  readonly folder: string;
  readonly sent: Data[];
}> => {
  const folder = temporaryFolder("weir-backtest-test-");
  for (const [name, text] of Object.entries(rules)) writeFileSync(join(folder, `${name}.yaml`), text + common);
  const file = join(folder, "pipeline.yml");
  writeFileSync(
    file,
    `sources:
  doors: { type: file, include: [doors.log], codec: json }
transforms:
  detect:
    type: detection
    inputs: [doors]
    rules: [${Object.keys(rules).map((name) => `${name}.yaml`)}]
    exceptions:
      - { name: the cat, rules: [many, newcomer], reason: It is a cat., entries: [{ field: user.name, type: match, value: cat }] }
    overrides: { many: { max_alerts: { count: 1, every: 2h } } }
sinks:
  out: { type: blackhole, inputs: [detect] }
`,
  );
  const loaded = await loadPipelineFile(file);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const sent: Data[] = [];
  const collect = defineTransform({
    name: "collect",
    summary: "Keeps what arrives.",
    options: {},
    each: () => (event) => {
      sent.push(event.data);
      return event;
    },
  });
  const { topology } = loaded.value;
  const host = { outputs: [], dropOutputs: [] };
  const collector = {
    id: "collect",
    kind: "transform",
    plugin: collect,
    config: {},
    host,
    inputs: ["detect"],
  } as const;
  return {
    topology: topologyOf([...topology.components, collector]),
    trusted: new Set<Plugin>([...trusted, collect]),
    folder,
    sent,
  };
};
