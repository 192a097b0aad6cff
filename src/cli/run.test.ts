import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "weir-run-"));
const pipeline = join(folder, "pipeline.yaml");
writeFileSync(
  pipeline,
  "sources:\n  made_up: { type: demo, rate: 100 }\nsinks:\n  gone: { type: blackhole, inputs: [made_up] }\n",
);
const notADirectory = join(folder, "taken");
writeFileSync(notADirectory, "");

const main = fileURLToPath(new URL("main.ts", import.meta.url));
const script = `import(${JSON.stringify(main)}).then(({ main }) => main(process.argv.slice(1)))`;

/** Runs weir as a process; `onRunning` is called when its log says that it runs. */
const weir = (args: readonly string[], onRunning: (kill: (signal: NodeJS.Signals) => void) => void = () => undefined) =>
  new Promise<{ readonly code: number | null; readonly log: string }>((resolve) => {
    const child = spawn(process.execPath, ["--conditions=weir-source", "-e", script, "--", ...args], { cwd: folder });
    let log = "";
    let isTold = false;
    child.stderr.on("data", (text) => {
      log += text;
      if (isTold || !log.includes("running 2 components")) return;
      isTold = true;
      onRunning((signal) => child.kill(signal));
    });
    child.on("close", (code) => resolve({ code, log }));
  });

it("takes two signals at once for one: it drains, and says what it did", async () => {
  const stats = join(folder, "stats.json");
  const { code, log } = await weir(["run", pipeline, "--temporary", "--check-plugins", "--stats", stats], (kill) => {
    kill("SIGINT");
    kill("SIGTERM");
  });
  expect(log).toContain("stopped reading, delivering what was read");
  expect(code).toBe(0);
  const { components } = JSON.parse(readFileSync(stats, "utf8"));
  expect(components.gone.component_sent_events_total).toBe(components.made_up.component_sent_events_total);
});

it("says which data dir cannot be used, and why", async () => {
  const { code, log } = await weir(["run", pipeline, "--data-dir", "taken"]);
  expect(code).toBe(1);
  expect(JSON.parse(log).msg).toMatch(/^the data dir "taken" cannot be used: .*Name another with --data-dir\.$/);
});

it("starts on a data dir that has lost weir.db only with --recover", async () => {
  const dataDir = join(folder, "lost");
  mkdirSync(join(dataDir, "outboxes", "gone"), { recursive: true });
  writeFileSync(join(dataDir, "outboxes", "gone", "0000000001.segment"), "frames");
  const run = ["run", pipeline, "--data-dir", "lost"];
  const refused = await weir(run);
  expect(refused.code).toBe(1);
  expect(JSON.parse(refused.log).msg).toContain('6 bytes for "gone". If you have weir.db');
  const recovered = await weir([...run, "--recover"], (kill) => kill("SIGINT"));
  expect(recovered.code).toBe(0);
  expect(recovered.log).toContain("6 bytes after the last intact event are removed");
});

it("says before the run that the counters could not be written", async () => {
  const { code, log } = await weir(["run", pipeline, "--temporary", "--stats", join("taken", "stats.json")]);
  expect(code).toBe(1);
  expect(JSON.parse(log).msg).toMatch(/^--stats: "taken.stats\.json" cannot be written: /);
});

it.each([
  ["kubernetes_exec_into_pod", true],
  ["kubernetes_secret_read_burst", false],
])("warns of an empty history for %s: %s", async (rule, isWarned) => {
  const file = join(folder, `${rule}.yaml`);
  const sources = "sources:\n  events: { type: file, include: [taken], follow: false, codec: json }\n";
  const transforms = `transforms:\n  alerts: { type: detection, inputs: [events], rules: [${rule}] }\n`;
  writeFileSync(file, `${sources}${transforms}sinks:\n  gone: { type: blackhole, inputs: [alerts] }\n`);
  const { code, log } = await weir(["run", file, "--temporary"]);
  expect({ code, isWarned: log.includes('the history of \\"alerts\\" is empty') }).toEqual({ code: 0, isWarned });
});
