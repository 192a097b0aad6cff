import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import type { BacktestDocument } from "../../src/backtest/document.ts";
import { pipelineFile, readLines, root, runWeir, startWeir, temporaryFolder } from "./weir.ts";

const sample = join(root, "examples/audit-sample.log");

const rules = [
  "kubernetes_secret_access_unusual_user_agent",
  "kubernetes_scripting_client",
  "kubernetes_secret_read_burst",
  "kubernetes_exec_into_pod",
];

/** By the time of the events, so that it does not matter when they are read. */
const setUp = () => {
  const folder = temporaryFolder();
  const alerts = join(folder, "alerts.ndjson");
  const pipeline = pipelineFile(folder, {
    data_dir: join(folder, "data"),
    sources: { audit: { type: "file", include: [sample], follow: false, origin: "never" } },
    transforms: {
      ecs: { type: "kubernetes_audit", inputs: ["audit"] },
      detect: { type: "detection", inputs: ["ecs"], timestamp: "kubernetes.audit.stageTimestamp", rules },
    },
    sinks: { alerts: { type: "file", inputs: ["detect"], path: alerts } },
  });
  return { folder, alerts, pipeline };
};

it("a backtest counts the alerts that a run raises, and writes nothing where the pipeline does", async () => {
  const { folder, alerts, pipeline } = setUp();
  const tested = await runWeir(["backtest", pipeline, "--input", sample, "--json"]);
  expect([tested.code, tested.log]).toEqual([0, []]);
  expect(readdirSync(folder)).toEqual(["pipeline.yaml"]);
  const document = JSON.parse(tested.out) as BacktestDocument;

  expect((await runWeir(["run", pipeline])).code).toBe(0);
  const byRule = Map.groupBy(readLines(alerts), (alert) => alert["kibana.alert.rule.rule_id"]);
  expect(document.alerts).toBeGreaterThan(0);
  for (const { id, alerts: count } of document.rules) expect(count).toBe(byRule.get(id)?.length ?? 0);
  expect(document.sinks).toEqual({ alerts: document.alerts });
});

it("a backtest that is interrupted leaves nothing behind", async () => {
  const { folder, pipeline } = setUp();
  const input = join(folder, "large.log");
  writeFileSync(input, readFileSync(sample, "utf8").repeat(300));
  const temporary = join(folder, "temporary");
  mkdirSync(temporary);
  const weir = startWeir(["backtest", pipeline, "--input", input], { environment: { TMPDIR: temporary } });
  while (!readdirSync(temporary).some((name) => name.startsWith("weir-backtest-"))) await sleep(10);
  weir.child.kill("SIGINT");
  expect((await weir.ended).code).toBe(1);
  expect(readdirSync(temporary).filter((name) => name.startsWith("weir-backtest-"))).toEqual([]);
});
