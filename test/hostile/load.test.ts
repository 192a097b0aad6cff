import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readLines, readLinesSoFar, readStats, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { authority, hasOpenssl } from "../http/certificates.ts";
import { post } from "../http/client.ts";
import type { Tally } from "./attacker.ts";
import type { Target } from "./attacks/connection.ts";
import { Books, httpClient, webSocketClient } from "./honest.ts";
import { damagedLog } from "./log.ts";
import { portOf, quantile, urlOf, usageOf } from "./process.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seconds = Number(process.env["WEIR_SECONDS"] ?? (isLong ? 60 : 3));
const script = fileURLToPath(new URL("./attacker.ts", import.meta.url));

const setUp = () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const certificates = authority(folder, "own");
  const listen = "127.0.0.1:0";
  const pipeline = pipelineFile(folder, {
    sources: {
      http: { type: "http_server", listen },
      tls: { type: "http_server", listen, tls: certificates.issue("weir") },
      webhook: { type: "kubernetes_audit_webhook", listen },
      sockets: { type: "websocket_server", listen, acknowledge: true, compression: true },
      log: { type: "file", include: [path("audit.log")], poll_interval: "100ms" },
    },
    transforms: {
      ecs: { type: "kubernetes_audit", inputs: ["webhook", "log"] },
      detect: { type: "detection", inputs: ["ecs"], rules: ["kubernetes_secret_access_unusual_user_agent"] },
    },
    sinks: {
      events: { type: "file", inputs: ["http", "tls", "sockets"], path: path("events.ndjson") },
      documents: { type: "file", inputs: ["ecs"], path: path("documents.ndjson") },
      alerts: { type: "file", inputs: ["detect"], path: path("alerts.ndjson") },
    },
  });
  const args = ["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json"), "--listen", listen];
  return { path, args, ca: readFileSync(certificates.ca) };
};

/** Attacks from a process of its own, so that the honest clients are not slowed down by it. */
const attack = (target: Target): { readonly ready: Promise<void>; readonly ended: Promise<Tally> } => {
  const args = ["--conditions=weir-source", script, JSON.stringify(target), String(seconds * 1000)];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout });
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const ended = new Promise<Tally>((found, failed) => {
    lines.on("line", (line) => (line === "ready" ? resolve() : found(JSON.parse(line) as Tally)));
    child.on("exit", () => failed(new Error("the attacker ended without a report")));
  });
  return { ready, ended };
};

const namesIn = (documents: readonly Record<string, unknown>[]): Set<string> =>
  new Set(documents.flatMap(({ honest }) => (typeof honest === "string" ? honest : [])));

/** A few of those that are not there. */
const missing = (wanted: ReadonlySet<string>, found: ReadonlySet<string>): string[] =>
  [...wanted].filter((name) => !found.has(name)).slice(0, 5);

const auditIDs = (documents: readonly Record<string, unknown>[]): Set<string> =>
  new Set(documents.map((document) => (document["kubernetes"] as { audit: { auditID: string } }).audit.auditID));

interface Figures {
  /** In bytes. */
  readonly peak: number;
  /** By client: 99 of 100 answers came within this time, in milliseconds. */
  readonly p99: Readonly<Record<string, number>>;
}

const areGood = ({ peak, p99 }: Figures): boolean => peak < 600e6 && Object.values(p99).every((time) => time <= 1000);

it.runIf(hasOpenssl)(
  "nothing of honest clients and of a log is lost or late, however weir is attacked",
  async () => {
    const figures = await attacked();
    // Another program on this machine can only make the figures worse: they count if they are bad twice.
    if (isLong && !areGood(figures)) expect(await attacked()).toSatisfy(areGood);
  },
  600_000,
);

/** Attacks a weir, and checks that nothing was lost. */
const attacked = async (): Promise<Figures> => {
  const { path, args, ca } = setUp();
  // As the unit for systemd has it.
  const weir = startWeir(args, { environment: { MALLOC_ARENA_MAX: "2" } });
  await weir.said("running");
  const urls = await Promise.all(["http", "tls", "webhook", "sockets"].map((id) => urlOf(weir, id)));
  const [http, tls, webhook, webSocket] = urls.map(portOf) as [number, number, number, number];
  const endpoint = /at (http:\S+)\/health/.exec(weir.log.map(({ msg }) => msg).join("\n"))![1]!;
  const ask = (page: string) => post(`${endpoint}${page}`, "", { method: "GET", headers: { Connection: "close" } });

  const { ready, ended } = attack({ http, tls, webhook, webSocket });
  const written = new Set<string>();
  const books = { http: new Books(), tls: new Books(), sockets: new Books(), health: new Books() };
  await ready;
  const log = damagedLog(path("audit.log"), written);
  const clients = [
    httpClient(urls[0]!, "http", books.http),
    httpClient(urls[1]!, "tls", books.tls, ca),
    webSocketClient(urls[3]!, "sockets", books.sockets),
  ];
  const descriptors: number[] = [];
  const watch = setInterval(() => {
    if (!weir.isAlive) return;
    descriptors.push(usageOf(weir.child.pid!).descriptors);
    void books.health.record("", async () => (await ask("/health")).status === 200);
  }, 500);
  const tally = await ended;
  clearInterval(watch);
  expect(weir.isAlive).toBe(true);
  await Promise.all([...clients, log].map((one) => one.stop()));

  // The log and the outboxes are worked off, and then it is ready, as before.
  const logged = () => auditIDs(readLinesSoFar(path("documents.ndjson")));
  for (let waited = 0; waited < 60_000 && missing(written, logged()).length > 0; waited += 500) await sleep(500);
  const { status, body } = await ask("/ready");
  expect({ status, ...JSON.parse(body) }).toEqual({ status: 200, ready: true, reasons: {} });
  const { peak } = usageOf(weir.child.pid!);
  const stopping = performance.now();
  const { code, log: lines } = await weir.stop("SIGTERM");
  const stopped = performance.now() - stopping;

  console.table(Object.entries(tally).map(([name, outcomes]) => ({ attack: name, ...summed(outcomes) })));
  console.table(
    Object.entries(books).map(([client, { acknowledged, attempts, latencies }]) => ({
      client,
      acknowledged: acknowledged.size,
      attempts,
      p50: Math.round(quantile(latencies, 0.5)),
      p99: Math.round(quantile(latencies, 0.99)),
      max: Math.round(Math.max(...latencies)),
    })),
  );
  const megabytes = Math.round(peak / 1e6);
  console.log(
    `peak resident set ${megabytes} MB, at most ${Math.max(...descriptors)} descriptors, ${written.size} lines of the log, stopped in ${Math.round(stopped)} ms`,
  );

  expect({ code, errors: lines.filter(({ msg }) => msg.includes("    at ")) }).toEqual({ code: 0, errors: [] });
  const taken = namesIn(readLines(path("events.ndjson")));
  for (const { acknowledged } of [books.http, books.tls, books.sockets])
    expect(missing(acknowledged, taken)).toEqual([]);
  expect(missing(written, logged())).toEqual([]);
  expect(readLines(path("events.ndjson")).filter((event) => "smuggled" in event)).toEqual([]);
  expectConservation(readStats(path("stats.json")));
  const p99 = Object.entries(books).map(([client, { latencies }]) => [client, quantile(latencies, 0.99)] as const);
  return { peak, p99: Object.fromEntries(p99) };
};

const summed = (outcomes: Readonly<Record<string, number>>) => ({
  rounds: Object.values(outcomes).reduce((total, count) => total + count, 0),
  outcomes: Object.entries(outcomes)
    .map(([word, count]) => `${word}: ${count}`)
    .join(", "),
});
