import { createReadStream, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect, it, onTestFinished } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readStats, runWeir, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { floodEvent } from "./attacks/events.ts";
import { usageOf } from "./process.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;

/** In memory where there is such a file system: what is asked is what weir takes, not how fast the disk syncs. */
const fastFolder = (): string => {
  if (!existsSync("/dev/shm")) return temporaryFolder();
  const path = mkdtempSync("/dev/shm/weir-floods-");
  onTestFinished(() => rmSync(path, { recursive: true, force: true }), 60_000);
  return path;
};

/** As the unit for systemd has it. */
const environment = { MALLOC_ARENA_MAX: "2" };

const setUp = (
  lines: readonly string[],
  rest: (path: (name: string) => string) => Readonly<Record<string, unknown>>,
) => {
  const folder = fastFolder();
  const path = (name: string) => join(folder, name);
  writeFileSync(path("in.log"), `${lines.join("\n")}\n`);
  const source = { type: "file", include: [path("in.log")], codec: "json", follow: false };
  const pipeline = pipelineFile(folder, { sources: { in: source }, ...rest(path) });
  const args = ["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json")];
  return { path, args };
};

it.runIf(isLong)(
  "50,000 events, each for a file of its own, take few descriptors and little memory",
  async () => {
    const count = 50_000;
    const lines = Array.from({ length: count }, (_, n) => `{"n":${n}}`);
    const { path, args } = setUp(lines, (path) => ({
      sinks: { out: { type: "file", inputs: ["in"], path: path("out/{{ n }}.ndjson"), rotate: { size: "1MiB" } } },
    }));
    const weir = startWeir(args, { environment });
    const descriptors: number[] = [];
    const watch = setInterval(() => {
      if (weir.isAlive) descriptors.push(usageOf(weir.child.pid!).descriptors);
    }, 200);
    expect(await weir.ended).toMatchObject({ code: 0 });
    clearInterval(watch);
    const stats = readStats(path("stats.json"));
    console.log(
      `peak ${Math.round(stats.peak_memory_bytes / 1e6)} MB, at most ${Math.max(...descriptors)} descriptors`,
    );
    expectConservation(stats);
    expect(readdirSync(path("out")).length).toBe(count);
    const wrong = lines.filter((line, n) => readFileSync(path(`out/${n}.ndjson`), "utf8") !== `${line}\n`);
    expect(wrong).toEqual([]);
    expect(Math.max(...descriptors)).toBeLessThan(256);
    expect(stats.peak_memory_bytes).toBeLessThan(400e6);
  },
  600_000,
);

it.runIf(isLong)(
  "200,000 alerts at once, each of them real, arrive",
  async () => {
    const count = 200_000;
    const lines = Array.from({ length: count }, (_, n) => floodEvent(`flood-${n}`, 1));
    const { path, args } = setUp(lines, (path) => ({
      transforms: {
        ecs: { type: "kubernetes_audit", inputs: ["in"] },
        detect: { type: "detection", inputs: ["ecs"], rules: ["kubernetes_secret_access_unusual_user_agent"] },
      },
      sinks: { alerts: { type: "file", inputs: ["detect"], path: path("alerts.ndjson") } },
    }));
    expect(await runWeir(args, { environment })).toMatchObject({ code: 0 });
    const stats = readStats(path("stats.json"));
    console.log(`peak ${Math.round(stats.peak_memory_bytes / 1e6)} MB`);
    expectConservation(stats);
    const agents = new Set<string>();
    // As text, the file would be longer than a string may be.
    for await (const line of createInterface({ input: createReadStream(path("alerts.ndjson")) }))
      agents.add(/flood\/flood-\d+/.exec(line)?.[0] ?? "none");
    expect(agents.size).toBe(count);
    expect(stats.components["detect"]!.component_sent_events_total).toBe(count);
    expect(stats.peak_memory_bytes).toBeLessThan(600e6);
  },
  600_000,
);
