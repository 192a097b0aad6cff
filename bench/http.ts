/** HTTP on loopback into the headline pipeline: throughput by format of the body, and latency from POST to alert. */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { auditEvent } from "../plugins/sources/demo/generate.ts";
import type { Latency } from "./latency.ts";
import { freePort, listening, startWeir, webhookPipeline } from "./support/http-run.ts";
import { marked } from "./support/marked.ts";
import { hasProgram, quantile } from "./support/measure.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
/** The number of connections. A single event waits for its own commit, so many of them have to wait in parallel. */
const connectionsOf = (name: string): number => (name === "single events" ? 64 : 8);

export interface HttpThroughput {
  readonly name: string;
  readonly megabytesPerSecond: number;
  readonly eventsPerSecond: number;
  readonly requestsPerSecond: number;
  /** The share of requests that were answered with 429. */
  readonly refused: number;
  readonly peakMegabytes: number;
  /** Requests per second of wrk with the same bodies, if it is installed. */
  readonly wrkRequestsPerSecond: number | undefined;
}

interface Body {
  readonly text: string;
  readonly events: number;
}

const bodies = (count: number, wrap: (events: readonly string[]) => string): readonly Body[] =>
  Array.from({ length: Math.max(4, Math.ceil(2_000 / count)) }, (_, body) => {
    const events = Array.from({ length: count }, (_, index) => auditEvent(body * count + index, 3));
    return { text: wrap(events), events: count };
  });

const list = (events: readonly string[]) =>
  `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.join(",")}]}`;

const shapes: Readonly<Record<string, readonly Body[]>> = {
  "EventLists of 400 events": bodies(400, list),
  "arrays of 400 events": bodies(400, (events) => `[${events.join(",")}]`),
  "NDJSON of 400 events": bodies(400, (events) => events.join("\n")),
  "single events": bodies(1, ([event]) => event!),
};

const typeOf = (name: string) => (name.startsWith("NDJSON") ? "application/x-ndjson" : "application/json");

/** Sends each format for `seconds` to a separate process, which commits everything to disk. */
export const httpThroughput = async (seconds = 5): Promise<readonly HttpThroughput[]> => {
  const results: HttpThroughput[] = [];
  for (const [name, shape] of Object.entries(shapes)) results.push(await throughputOf(name, shape, seconds));
  return results;
};

const throughputOf = async (name: string, shape: readonly Body[], seconds: number): Promise<HttpThroughput> => {
  const weir = await startWeir("http_server");
  await load(weir.url, shape, name, Math.min(1, seconds / 2));
  const { bytes, events, requests, refused, elapsed } = await load(weir.url, shape, name, seconds);
  const wrkRequestsPerSecond = hasProgram("wrk") ? wrk(weir.url, shape[0]!, name, seconds) : undefined;
  const { peak_memory_bytes } = await weir.stop();
  return {
    name,
    megabytesPerSecond: bytes / 1e6 / elapsed,
    eventsPerSecond: events / elapsed,
    requestsPerSecond: requests / elapsed,
    refused: refused / Math.max(1, requests + refused),
    peakMegabytes: peak_memory_bytes / 1e6,
    wrkRequestsPerSecond,
  };
};

const load = async (url: string, shape: readonly Body[], name: string, seconds: number) => {
  const [type, connections] = [typeOf(name), connectionsOf(name)];
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const buffers = shape.map(({ text, events }) => ({ body: Buffer.from(text), events }));
  const total = { bytes: 0, events: 0, requests: 0, refused: 0, elapsed: 0 };
  const start = performance.now();
  let next = 0;
  const client = async () => {
    while (performance.now() - start < seconds * 1000) {
      const { body, events } = buffers[next++ % buffers.length]!;
      if ((await post(url, body, type, agent)) === 200) {
        total.bytes += body.length;
        total.events += events;
        total.requests++;
      } else {
        total.refused++;
        await sleep(10);
      }
    }
  };
  await Promise.all(Array.from({ length: connections }, client));
  agent.destroy();
  return { ...total, elapsed: (performance.now() - start) / 1000 };
};

const post = (url: string, body: Buffer, type: string, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { "Content-Type": type, "Content-Length": body.length };
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      response.on("end", () => resolve(response.statusCode!)).resume();
    });
    sent.on("error", reject);
    sent.end(body);
  });

const wrk = (url: string, { text }: Body, name: string, seconds: number): number => {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const script = join(folder, "post.lua");
  writeFileSync(join(folder, "body"), text);
  writeFileSync(
    script,
    `wrk.method = "POST"\nwrk.headers["Content-Type"] = "${typeOf(name)}"\nwrk.body = io.open("${join(folder, "body")}"):read("*a")\n`,
  );
  const args = ["-t1", `-c${connectionsOf(name)}`, `-d${seconds}s`, "-s", script, url];
  const { stdout } = spawnSync("wrk", args, { encoding: "utf8", timeout: seconds * 1000 + 30_000 });
  rmSync(folder, { recursive: true, force: true });
  return Number(/Requests\/sec:\s+([0-9.]+)/.exec(stdout)?.[1] ?? Number.NaN);
};

/** The time from the POST of one event until its alert is synced to the alerts file. Every event raises an alert. */
export const httpLatencies = async (seconds = 10): Promise<readonly Latency[]> => [
  await latency("POST of one event, 25/s, each an alert", 25, seconds),
  await latency("POST of one event, 500/s, each an alert", 500, seconds),
];

const latency = async (name: string, rate: number, seconds: number): Promise<Latency> => {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const file = webhookPipeline(folder, "kubernetes_audit_webhook", port);
  const args = ["--conditions=weir-source", here("support/latency-run.ts"), file, join(folder, "data")];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const ages: number[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => line !== "ready" && ages.push(Number(line) / 1000));
  await listening(url);
  const agent = new Agent({ keepAlive: true });
  const send = (index: number) => post(url, Buffer.from(marked(index)), "application/json", agent);
  // The first events are a warm-up, and are not counted.
  for (let index = 0; index < 200; index++) await send(-1 - index);
  await sleep(500);
  ages.length = 0;
  const start = performance.now();
  const answers: Promise<number>[] = [];
  for (let index = 0; index < rate * seconds; ) {
    const due = Math.min(rate * seconds, Math.ceil(((performance.now() - start) * rate) / 1000));
    for (; index < due; index++) answers.push(send(index));
    await sleep(1);
  }
  await Promise.all(answers);
  await sleep(1000);
  const counted = [...ages];
  agent.destroy();
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("exit", resolve));
  rmSync(folder, { recursive: true, force: true });
  return { name, alerts: counted.length, p50: quantile(counted, 0.5), p99: quantile(counted, 0.99) };
};

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const seconds = Number(process.argv[2] ?? 5);
  console.table(await httpThroughput(seconds));
  console.table(await httpLatencies(seconds));
}
