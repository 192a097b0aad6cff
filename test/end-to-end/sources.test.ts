import { join } from "node:path";
import { expect, it } from "vitest";
import { type LogPlan, lineOf } from "../kill/audit-lines.ts";
import { expectConservation, expectEdge } from "./conservation.ts";
import { pipelineFile, readLines, readStats, runWeir, temporaryFolder } from "./weir.ts";

/** A source through the detection, its documents and its alerts into files; runs to the end. */
const detectionOf = (source: Readonly<Record<string, unknown>>) => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const pipeline = pipelineFile(folder, {
    sources: { audit: source },
    transforms: {
      ecs: { type: "kubernetes_audit", inputs: ["audit"] },
      detect: { type: "detection", inputs: ["ecs"], rules: ["kubernetes_secret_access_unusual_user_agent"] },
    },
    sinks: {
      observed: { type: "file", inputs: ["ecs"], path: path("observed.ndjson") },
      alerts: { type: "file", inputs: ["detect"], path: path("alerts.ndjson") },
    },
  });
  return async (input?: string) => {
    const args = ["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")];
    const ended = await runWeir(args, input === undefined ? {} : { input });
    expect(ended.code).toBe(0);
    const stats = readStats(path("stats.json"));
    expectConservation(stats);
    expectEdge(stats, ["audit"], "ecs");
    expectEdge(stats, ["ecs"], "observed");
    expectEdge(stats, ["ecs"], "detect");
    expectEdge(stats, ["detect"], "alerts");
    return { stats, observed: readLines(path("observed.ndjson")), alerts: readLines(path("alerts.ndjson")) };
  };
};

const auditIDs = (documents: readonly Record<string, unknown>[]): unknown[] =>
  documents.map(({ kubernetes }) => (kubernetes as { audit: { auditID: string } }).audit.auditID);

const plan: LogPlan = { seed: 5, source: "west", realm: 4 };
const events = Array.from({ length: 400 }, (_, number) => lineOf(plan, number))
  .filter((line) => line.startsWith('{"kind"'))
  .map((line) => JSON.parse(line) as { auditID: string });

it("stdin: a pretty-printed EventList is one record with `framing: whole`", async () => {
  const run = detectionOf({ type: "stdin", framing: "whole" });
  const list = { kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: {}, items: events };
  const { observed, alerts, stats } = await run(JSON.stringify(list, null, 2));
  expect(auditIDs(observed)).toEqual(events.map(({ auditID }) => auditID));
  expect(alerts.length).toBeGreaterThan(10);
  expect(stats.components["ecs"]).toMatchObject({
    component_received_events_total: 1,
    component_created_events_total: events.length - 1,
  });
});

it("stdin: lines give the same alerts as the list of them", async () => {
  const whole = await detectionOf({ type: "stdin", framing: "whole" })(
    JSON.stringify({ kind: "EventList", apiVersion: "audit.k8s.io/v1", metadata: {}, items: events }),
  );
  const lines = await detectionOf({ type: "stdin" })(events.map((event) => JSON.stringify(event)).join("\n"));
  const ids = ({ alerts }: typeof whole) => alerts.map((alert) => alert["kibana.alert.uuid"]);
  expect(ids(lines)).toEqual(ids(whole));
});

it("demo: the same seed gives the same alerts, and a run that had its count has no more", async () => {
  const source = { type: "demo", rate: 0, count: 5_000, seed: 7 };
  const run = detectionOf(source);
  const first = await run();
  expect(new Set(auditIDs(first.observed)).size).toBe(5_000);
  expect(first.alerts.length).toBeGreaterThan(0);
  expect(first.stats.components["audit"]!.component_received_events_total).toBe(5_000);

  const again = await run();
  expect(again.observed.length).toBe(5_000);
  expect(again.stats.components["audit"]!.component_received_events_total).toBe(0);

  const elsewhere = await detectionOf(source)();
  expect(elsewhere.alerts.map((alert) => alert["kibana.alert.uuid"])).toEqual(
    first.alerts.map((alert) => alert["kibana.alert.uuid"]),
  );
});
