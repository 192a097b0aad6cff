import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { parse } from "yaml";
import { expectedAlerts } from "../../scripts/make-sample.ts";
import { environmentOf } from "../recipe-environment.ts";
import { expectConservation, expectEdge } from "./conservation.ts";
import {
  pipelineFile,
  readLines,
  readLinesSoFar,
  readStats,
  root,
  runWeir,
  startWeir,
  temporaryFolder,
} from "./weir.ts";

const sample = join(root, "examples/audit-sample.log");
const sampleLines = readFileSync(sample, "utf8")
  .split("\n")
  .filter((line) => line !== "").length;

const termsOf = (alert: Record<string, unknown>): unknown => alert["kibana.alert.new_terms"];

it("every pipeline that comes with weir is valid", async () => {
  const files = ["pipelines", "examples", "examples/recipes"].flatMap((folder) =>
    readdirSync(join(root, folder))
      .map((name) => join(folder, name))
      .filter((file) => file.endsWith(".yaml") && /^sinks:/m.test(readFileSync(join(root, file), "utf8"))),
  );
  const environment = Object.assign({}, ...files.map((file) => environmentOf(join(root, file))));
  const { code, out } = await runWeir(["validate", ...files], { environment });
  expect(code).toBe(0);
  for (const file of files) expect(out).toContain(`${file}: no errors`);
});

it("examples/demo.yaml raises the sample's alerts and no other; L3", async () => {
  const folder = temporaryFolder();
  // The very pipeline, only that the alerts are printed for a program.
  const demo = parse(readFileSync(join(root, "examples/demo.yaml"), "utf8"));
  demo.sinks.terminal.format = "json";
  const stats = join(folder, "stats.json");
  const args = ["--data-dir", join(folder, "data"), "--stats", stats];
  const { code, out } = await runWeir(["run", pipelineFile(folder, demo), ...args]);
  expect(code).toBe(0);
  const alerts = out
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(alerts.map(termsOf)).toEqual(expectedAlerts);

  const counted = readStats(stats);
  expectConservation(counted);
  expectEdge(counted, ["audit"], "ecs");
  expectEdge(counted, ["ecs"], "detect");
  expectEdge(counted, ["detect"], "terminal");
  expect(counted.components["audit"]!.component_received_events_total).toBe(sampleLines);
});

it("examples/demo.yaml prints a card for each", async () => {
  const { code, out } = await runWeir(["run", "examples/demo.yaml", "--data-dir", join(temporaryFolder(), "data")]);
  expect(code).toBe(0);
  const cards = out.split("\n").filter((line) => line.startsWith("▲"));
  expect(cards).toHaveLength(expectedAlerts.length);
  for (const terms of expectedAlerts) for (const term of terms) expect(out).toContain(term);
});

/** Runs a pipeline that follows its log, on the sample, until the alerts are there; gives them and the counters. */
const alertsOf = async (pipeline: string) => {
  const folder = temporaryFolder();
  const alerts = join(folder, "alerts.ndjson");
  const stats = join(folder, "stats.json");
  const weir = startWeir(["run", pipeline, "--data-dir", join(folder, "data"), "--stats", stats], {
    environment: { AUDIT_LOG: sample, ALERTS: alerts },
  });
  while (readLinesSoFar(alerts).length < expectedAlerts.length && weir.isAlive) await sleep(10);
  expect((await weir.stop("SIGTERM")).code).toBe(0);
  expectConservation(readStats(stats));
  return { alerts: readLines(alerts), stats: readStats(stats) };
};

it("the small transforms give the very alerts of the detection", async () => {
  const since = Date.now();
  // Stamps of ingestion are of the run, all other times of the log.
  const unstamped = (alert: Record<string, unknown>) =>
    JSON.stringify(alert).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, (text) => (Date.parse(text) >= since ? "stamp" : text));
  const whole = await alertsOf("pipelines/kubernetes-secret-access.yaml");
  const small = await alertsOf("examples/small-transforms.yaml");
  expect(whole.alerts.map(termsOf)).toEqual(expectedAlerts);
  expect(small.alerts.map(unstamped)).toEqual(whole.alerts.map(unstamped));

  expectEdge(small.stats, ["ecs"], "secret_reads");
  expectEdge(small.stats, ["secret_reads"], "unusual");
  expectEdge(small.stats, ["unusual"], "alert");
  expectEdge(small.stats, ["alert"], "alerts");
  expectEdge(whole.stats, ["detect"], "alerts");
  expectEdge(whole.stats, ["detect"], "terminal");
});
