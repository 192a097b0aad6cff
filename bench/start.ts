/** What a start costs, and what weir needs when nothing happens. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { auditEvent } from "../plugins/sources/demo/generate.ts";
import { freePort, listening, webhookPipeline } from "./support/http-run.ts";
import { cpuSecondsOf } from "./support/load.ts";
import { type Cost, costOf, inFolder, median } from "./support/measure.ts";
import { number, type Section, table } from "./support/section.ts";
import { here, weirCost } from "./support/weir.ts";

const rounds = 9;

/** The first event of the made-up cluster that raises an alert. */
const alarming = 328;

/** One event that raises an alert, through the headline pipeline. */
const oneEvent = (): Cost =>
  inFolder((folder) => {
    const log = join(folder, "one.ndjson");
    writeFileSync(log, `${auditEvent(alarming, 1)}\n`);
    const cost = weirCost("headline.yaml", { log });
    const { component_sent_events_total: alerts } = cost.stats.components["alerts"]!;
    if (alerts !== 1) throw new Error(`the event raised ${alerts} alerts instead of 1`);
    return cost;
  });

const idleSeconds = 30;

/** Resident memory and CPU time of a weir that listens, and receives nothing. */
const idle = async () => {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const port = await freePort();
  const args = ["run", webhookPipeline(folder, "kubernetes_audit_webhook", port), "--data-dir", join(folder, "data")];
  const child = spawn(process.execPath, [here("../bin/weir.js"), ...args], { stdio: "ignore" });
  await listening(`http://127.0.0.1:${port}`);
  await sleep(5_000);
  const before = cpuSecondsOf(child.pid!);
  await sleep(idleSeconds * 1000);
  const status = readFileSync(`/proc/${child.pid}/status`, "utf8");
  const resident = (Number(/^VmRSS:\s+(\d+)/m.exec(status)![1]) * 1024) / 1e6;
  const cpu = (cpuSecondsOf(child.pid!) - before) / idleSeconds;
  child.kill("SIGTERM");
  await once(child, "exit");
  rmSync(folder, { recursive: true, force: true });
  return { resident, cpu };
};

export const start: Section = {
  name: "start",
  heading: "Start, and doing nothing",
  measure: async () => {
    const programs: readonly (readonly [name: string, run: () => Cost])[] = [
      ["`node -e 0`", () => costOf(process.execPath, ["-e", "0"])],
      ["`weir --version`", () => costOf(process.execPath, [here("../bin/weir.js"), "--version"])],
      ["`weir run` of the headline pipeline, one event", oneEvent],
    ];
    const rows = programs.map(([name, run]) => {
      const costs = Array.from({ length: rounds }, run);
      return [
        name,
        number(median(costs.map(({ seconds }) => seconds)) * 1000),
        number(median(costs.map(({ cpuSeconds }) => cpuSeconds)) * 1000),
      ];
    });
    const { resident, cpu } = await idle();
    return `
Whole processes, medians of ${rounds} runs.

${table(["program", "ms", "CPU ms"], rows)}

A weir that listens with the headline pipeline and receives nothing has ${number(resident)} MB resident, and takes ${number(cpu * 1000, 1)} ms of CPU time a
second.`;
  },
};
