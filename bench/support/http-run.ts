import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Stats } from "../../src/runtime/stats.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** A free port. */
export const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { readonly port: number };
      server.close(() => resolve(port));
    });
  });

/** Writes the headline pipeline with an HTTP source, and returns its path. */
export const webhookPipeline = (folder: string, source: string, port: number): string => {
  const path = join(folder, "pipeline.yaml");
  const text = {
    sources: { audit: { type: source, listen: `127.0.0.1:${port}` } },
    transforms: {
      ecs: { type: "kubernetes_audit", inputs: ["audit"] },
      detect: { type: "detection", inputs: ["ecs"], rules: ["kubernetes_secret_access_unusual_user_agent"] },
    },
    sinks: { alerts: { type: "file", inputs: ["detect"], path: join(folder, "alerts.ndjson") } },
  };
  writeFileSync(path, JSON.stringify(text));
  return path;
};

/** Resolves when weir listens at a URL. */
export const listening = async (url: string): Promise<void> => {
  for (let tries = 0; tries < 400; tries++) {
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(25);
  }
  throw new Error(`nothing is listening at ${url}`);
};

/** Runs weir as users do, with an HTTP source; `stop` ends it and returns its counters. */
export const startWeir = async (source: string) => {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const stats = join(folder, "stats.json");
  const args = ["run", webhookPipeline(folder, source, port), "--data-dir", join(folder, "data"), "--stats", stats];
  const child = spawn(process.execPath, [here("../../bin/weir.js"), ...args], { stdio: "ignore" });
  await listening(url);
  const stop = async (): Promise<Stats> => {
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    const read = JSON.parse(readFileSync(stats, "utf8")) as Stats;
    rmSync(folder, { recursive: true, force: true });
    return read;
  };
  return { url, port, pid: child.pid!, stop };
};

/** Runs a server of bare-http.ts. */
export const startBare = async (kind: "socket" | "receive" | "parse" | "sync") => {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const args = [here("bare-http.ts"), kind, join(folder, "bodies")];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(child.stdout, "data")) as [Buffer];
  const stop = async (): Promise<void> => {
    child.kill();
    await once(child, "exit");
    rmSync(folder, { recursive: true, force: true });
  };
  return { port: Number(port), pid: child.pid!, stop };
};
