/** HTTP on loopback into the headline pipeline: throughput by format of the body, and latency from POST to alert. Linux only. */
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { auditEvent } from "../plugins/sources/demo/generate.ts";
import { type Latency, latencyTable } from "./latency.ts";
import { freePort, listening, startBare, startWeir, webhookPipeline } from "./support/http-run.ts";
import { putHttpLoad } from "./support/load.ts";
import { marked } from "./support/marked.ts";
import { quantile } from "./support/measure.ts";
import { number, type Section, table } from "./support/section.ts";

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

interface HttpThroughput {
  readonly name: string;
  /** What answered: weir, or a server of support/bare-http.ts. */
  readonly server: "weir" | "socket" | "receive" | "parse" | "sync";
  readonly megabytesPerSecond: number;
  readonly requestsPerSecond: number;
  /** Of the bodies, for each second of user and system time of the server: what one core would take. */
  readonly megabytesPerCpuSecond: number;
  readonly requestsPerCpuSecond: number;
  /** From sending a request to its answer, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly peakMegabytes: number | undefined;
}

interface Shape {
  readonly name: string;
  readonly type: string;
  /** A single event waits for its own commit, so many of them have to wait in parallel. */
  readonly connections: number;
  readonly bodies: readonly string[];
}

const bodies = (count: number, wrap: (events: readonly string[]) => string): readonly string[] =>
  Array.from({ length: Math.ceil(2_000 / count) }, (_, body) =>
    wrap(Array.from({ length: count }, (_, index) => auditEvent(body * count + index, 3))),
  );

const list = (events: readonly string[]) =>
  `{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"items":[${events.join(",")}]}`;

const json = { type: "application/json", connections: 8 };
const shapes: readonly Shape[] = [
  { ...json, name: "EventLists of 100 events", bodies: bodies(100, list) },
  { ...json, name: "arrays of 100 events", bodies: bodies(100, (events) => `[${events.join(",")}]`) },
  {
    ...json,
    name: "NDJSON of 100 events",
    type: "application/x-ndjson",
    bodies: bodies(100, (events) => events.join("\n")),
  },
  { ...json, name: "single events", connections: 64, bodies: bodies(1, ([event]) => event!) },
];

/** Sends each format for `seconds` to a separate process: weir, which commits everything to disk, and servers that do less. */
const httpThroughput = async (seconds = 5): Promise<readonly HttpThroughput[]> => {
  const results: HttpThroughput[] = [];
  for (const shape of shapes)
    for (const server of ["weir", "socket", "receive", "parse", "sync"] as const) {
      // Lines of JSON are not JSON.
      if (server !== "parse" || shape.type === json.type) results.push(await throughputOf(shape, server, seconds));
    }
  return results;
};

const throughputOf = async (
  { name, ...shape }: Shape,
  server: HttpThroughput["server"],
  seconds: number,
): Promise<HttpThroughput> => {
  const running = server === "weir" ? await startWeir("http_server") : await startBare(server);
  const load = { ...shape, port: running.port };
  await putHttpLoad(running.pid, { ...load, seconds: seconds / 2 });
  const result = await putHttpLoad(running.pid, { ...load, seconds });
  const stats = await running.stop();
  return {
    name,
    server,
    megabytesPerSecond: result.bytes / 1e6 / result.seconds,
    requestsPerSecond: result.requests / result.seconds,
    megabytesPerCpuSecond: result.bytes / 1e6 / result.cpuSeconds,
    requestsPerCpuSecond: result.requests / result.cpuSeconds,
    p50: result.p50,
    p99: result.p99,
    peakMegabytes: stats ? stats.peak_memory_bytes / 1e6 : undefined,
  };
};

const post = (url: string, body: Buffer, type: string, agent: Agent): Promise<number> =>
  new Promise((resolve, reject) => {
    const headers = { "Content-Type": type, "Content-Length": body.length };
    const sent = request(url, { method: "POST", agent, headers }, (response) => {
      response.on("end", () => resolve(response.statusCode!)).resume();
    });
    sent.on("error", (error: NodeJS.ErrnoException) => {
      // The server had closed the idle connection.
      if (sent.reusedSocket && error.code === "ECONNRESET") post(url, body, type, agent).then(resolve, reject);
      else reject(error);
    });
    sent.end(body);
  });

/** The time from the POST of one event until its alert is synced to the alerts file. Every event raises an alert. */
const httpLatencies = async (seconds = 10): Promise<readonly Latency[]> => [
  await latencyOf("POST of one event, 25/s, each an alert", 25, seconds),
  await latencyOf("POST of one event, 500/s, each an alert", 500, seconds),
];

const latencyOf = async (name: string, rate: number, seconds: number): Promise<Latency> => {
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

const servers = {
  weir: "weir",
  socket: "reads from a socket",
  receive: "reads",
  parse: "reads and parses",
  sync: "reads and syncs",
} as const;

const dash = (value: number | undefined): string => (value === undefined ? "–" : number(value));

export const http: Section = {
  name: "http",
  heading: "HTTP",
  measure: async () => {
    const rows = (await httpThroughput()).map((row) => [
      row.name,
      servers[row.server],
      number(row.megabytesPerSecond),
      number(row.requestsPerSecond),
      number(row.megabytesPerCpuSecond),
      number(row.requestsPerCpuSecond),
      number(row.p50, 1),
      number(row.p99, 1),
      dash(row.peakMegabytes),
    ]);
    return `
POSTs on loopback to \`http_server\`, through the headline pipeline. Each is answered with 200 when its events are committed to
disk. Single events use 64 connections, because each event waits for its own commit; the others use 8. A process of its own
sends prepared requests over raw sockets. In the same run, servers on \`node:http\` that do less: one that reads each body, one
that also calls JSON.parse on it, and one that instead appends bodies to a file and syncs it before it answers; and one that
reads bodies from a bare socket. A CPU second is one of the server's user and system time: on one core, it can do
no more in a second.

${table(["bodies", "server", "MB/s", "requests/s", "MB a CPU second", "requests a CPU second", "p50 ms", "p99 ms", "peak MB"], rows)}

The time from the POST until the alert is in the alerts file:

${latencyTable(await httpLatencies())}`;
  },
};
