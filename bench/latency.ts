/** The time from appending a line to the log until its alert is synced to the alerts file, at low and at steady load. */
import { spawn } from "node:child_process";
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { auditEvent } from "../plugins/sources/demo/generate.ts";
import { marked } from "./support/marked.ts";
import { quantile } from "./support/measure.ts";
import { number, type Section, table } from "./support/section.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export interface Latency {
  readonly name: string;
  readonly alerts: number;
  /** In milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

const pipeline = (log: string, alerts: string) => `
sources: { audit: { type: file, include: [${JSON.stringify(log)}], origin: never } }
transforms:
  ecs: { type: kubernetes_audit, inputs: [audit] }
  detect: { type: detection, inputs: [ecs], rules: [kubernetes_secret_access_unusual_user_agent] }
sinks: { alerts: { type: file, inputs: [detect], path: ${JSON.stringify(alerts)} } }
`;

/** Writes `rate` events per second for `seconds`, of which `alertRate` raise alerts; returns the latencies in milliseconds. */
const run = async (
  name: string,
  { rate, alertRate, seconds }: { rate: number; alertRate: number; seconds: number },
): Promise<Latency> => {
  const directory = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const log = join(directory, "audit.log");
  writeFileSync(log, "");
  writeFileSync(join(directory, "pipeline.yaml"), pipeline(log, join(directory, "alerts.ndjson")));
  const args = [
    "--conditions=weir-source",
    here("support/latency-run.ts"),
    join(directory, "pipeline.yaml"),
    join(directory, "data"),
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ages: number[] = [];
  let ready = () => {};
  const isReady = new Promise<void>((resolve) => {
    ready = resolve;
  });
  createInterface({ input: child.stdout }).on("line", (line) =>
    line === "ready" ? ready() : ages.push(Number(line) / 1000),
  );
  await isReady;
  // The first events are a warm-up, and are not counted.
  for (let index = 0; index < 200; index++) {
    appendFileSync(log, `${marked(-1 - index)}\n`);
    await sleep(2);
  }
  await sleep(500);
  ages.length = 0;
  await write(log, rate, alertRate, seconds);
  await sleep(1000);
  const counted = [...ages];
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("exit", resolve));
  rmSync(directory, { recursive: true, force: true });
  return { name, alerts: counted.length, p50: quantile(counted, 0.5), p99: quantile(counted, 0.99) };
};

/** Writes each event separately, as kube-apiserver does, at times spread over the second. */
const write = async (log: string, rate: number, alertRate: number, seconds: number): Promise<void> => {
  const start = performance.now();
  for (let index = 0; index < rate * seconds; ) {
    const due = Math.min(rate * seconds, Math.ceil(((performance.now() - start) * rate) / 1000));
    for (; index < due; index++) {
      const isMarked = Math.floor((index * alertRate) / rate) !== Math.floor(((index + 1) * alertRate) / rate);
      appendFileSync(log, `${isMarked ? marked(index) : auditEvent(index, 2)}\n`);
    }
    await sleep(1);
  }
};

const latencies = async (): Promise<readonly Latency[]> => [
  await run("sparse: 25 events/s, each an alert", { rate: 25, alertRate: 25, seconds: 40 }),
  await run("1,000 events/s, 50 of them alerts", { rate: 1000, alertRate: 50, seconds: 20 }),
  await run("1,000 events/s, each an alert", { rate: 1000, alertRate: 1000, seconds: 10 }),
];

export const latencyTable = (latencies: readonly Latency[]): string =>
  table(
    ["load", "alerts", "p50 ms", "p99 ms"],
    latencies.map(({ name, alerts, p50, p99 }) => [name, number(alerts), number(p50, 1), number(p99, 1)]),
  );

export const latency: Section = {
  name: "latency",
  heading: "From a line to its alert",
  measure: async () => `
The time from the write of a line to the log until its alert is synced to the alerts file. In between the alert is
committed to disk and delivered. The writer makes one write per line.

${latencyTable(await latencies())}`,
};
