import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pipelineFile } from "../end-to-end/weir.ts";
import { apart, disorder } from "./audit-lines.ts";
import type { Leads } from "./load.ts";
import type { OracleRule } from "./oracle.ts";

/** How far the load runs ahead, in lines. */
export const leads: Leads = { backlog: 1_200, other: 400 };
/** How far one log may be read ahead of the other in event time, in milliseconds, and a little more. */
export const lateness = disorder + (leads.backlog + leads.other + 2_000) * apart;

const common = {
  version: 1,
  description: "For the kill tests.",
  type: "new_terms",
  query:
    'kubernetes.audit.objectRef.resource:"secrets" and kubernetes.audit.verb:("get" or "list") and user_agent.original:(* and not *kubernetes/$Format)',
  severity: "low",
  risk_score: 1,
  created: "2026-07-01",
  license: "Apache-2.0",
};
const fields = ["source.ip", "user.name", "user_agent.original"];

/** A window that ends many times in a run, on the stamps of ingestion; and one on the time in the events. */
const rules = {
  "by-stamp.yaml": {
    ...common,
    id: "6f2d7f6e-52a4-4c3e-8f57-1f0a3b7c9d01",
    title: "By stamp",
    new_terms: { fields, window: "500ms" },
  },
  "by-time.yaml": {
    ...common,
    id: "6f2d7f6e-52a4-4c3e-8f57-1f0a3b7c9d02",
    title: "By time",
    new_terms: { fields, window: "30m", lateness: `${lateness}ms` },
    timestamp: "kubernetes.audit.stageTimestamp",
  },
};

/** The same rules, and the one that comes with weir, as the oracle knows them. */
export const oracleRules = {
  headline: {
    title: "Kubernetes Secret Access via Unusual User Agent",
    at: ({ ingested }) => ingested,
    window: 7 * 86_400_000,
  },
  byStamp: { title: "By stamp", at: ({ ingested }) => ingested, window: 500 },
  byTime: { title: "By time", at: ({ staged }) => staged, window: 30 * 60_000 },
} satisfies Record<string, OracleRule>;

export interface Paths {
  readonly pipeline: string;
  readonly dataDir: string;
  readonly stats: string;
  readonly logs: { readonly north: string; readonly south: string };
  readonly observed: string;
  readonly alerts: string;
}

/** Two logs into one detection, what it sees into a second file. Small outboxes, so that they are full now and then. */
export const setUp = (folder: string): Paths => {
  const path = (name: string) => join(folder, name);
  for (const [name, rule] of Object.entries(rules)) writeFileSync(path(name), JSON.stringify(rule));
  const buffer = { max_size: "1MiB" };
  const pipeline = pipelineFile(folder, {
    sources: {
      north: { type: "file", include: [path("north/audit.log")], codec: "json", poll_interval: "50ms" },
      south: { type: "file", include: [path("south/audit.log")], origin: "never", poll_interval: "50ms" },
    },
    transforms: {
      ecs: { type: "kubernetes_audit", inputs: ["north", "south"] },
      detect: {
        type: "detection",
        inputs: ["ecs"],
        rules: ["kubernetes_secret_access_unusual_user_agent", path("by-stamp.yaml"), path("by-time.yaml")],
      },
    },
    sinks: {
      observed: { type: "file", inputs: ["ecs"], path: path("observed.ndjson"), buffer },
      alerts: { type: "file", inputs: ["detect"], path: path("alerts.ndjson"), buffer },
    },
  });
  return {
    pipeline,
    dataDir: path("data"),
    stats: path("stats.json"),
    logs: { north: path("north"), south: path("south") },
    observed: path("observed.ndjson"),
    alerts: path("alerts.ndjson"),
  };
};
