import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import { WebSocket } from "ws";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readLines, readStats, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { post } from "../http/client.ts";
import { Books, httpClient, webSocketClient } from "./honest.ts";
import { portOf, urlOf, usageOf } from "./process.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const script = fileURLToPath(new URL("./crowd.ts", import.meta.url));

/** How many connections one process may have here; Node takes the hard limit. */
const mostSockets = (): number => {
  const limits = existsSync("/proc/self/limits") ? readFileSync("/proc/self/limits", "utf8") : "";
  const most = Number(/^Max open files\s+\S+\s+(\d+)/m.exec(limits)?.[1] ?? 1_024) - 100;
  if (most < 10_000) console.log(`${most} silent WebSockets instead of 10,000: the limit of open files is lower`);
  return Math.min(10_000, most);
};

/** Who comes, to which component; those that stay are there until weir has stopped. */
const crowds = () =>
  [
    { kind: "silent WebSockets", to: "sockets", count: mostSockets(), stays: true },
    { kind: "slow requests", to: "http", count: 1_000, stays: true },
    { kind: "endless bodies", to: "http", count: 8, stays: false },
    { kind: "bombs", to: "http", count: 200, stays: false },
    { kind: "subscribers that never read", to: "live", count: 250, stays: true },
  ] as const;

/** How much the subscribers are shown: more than their queues and the system hold for them. */
const [bursts, burstEvents] = [400, 8];

const setUp = () => {
  const folder = temporaryFolder();
  const path = (name: string) => join(folder, name);
  const listen = "127.0.0.1:0";
  const pipeline = pipelineFile(folder, {
    sources: {
      http: { type: "http_server", listen },
      sockets: { type: "websocket_server", listen, acknowledge: true, max_connections: 10_000 },
    },
    sinks: {
      events: { type: "file", inputs: ["http", "sockets"], path: path("events.ndjson") },
      live: { type: "websocket_server", inputs: ["http"], listen, max_connections: 300 },
    },
  });
  const args = ["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json"), "--listen", listen];
  return { path, args };
};

/** A crowd in a process of its own; it is killed when the test is over. */
const gather = (kind: string, port: number, count: number) => {
  const args = ["--conditions=weir-source", script, String(port), String(count), kind];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  onTestFinished(() => void child.kill("SIGKILL"));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<string> => (await lines.next()).value ?? "it ended";
  return { next };
};

it.runIf(isLong)(
  "crowds that send nothing, or never read, or too much, cost others nothing; SIGTERM ends weir before them",
  async () => {
    const { path, args } = setUp();
    const weir = startWeir(args, { environment: { MALLOC_ARENA_MAX: "2" } });
    await weir.said("running");
    const urls = {
      http: await urlOf(weir, "http"),
      sockets: await urlOf(weir, "sockets"),
      live: await urlOf(weir, "live"),
    };
    const endpoint = /at (http:\S+)\/health/.exec(weir.log.map(({ msg }) => msg).join("\n"))![1]!;
    const books = { http: new Books(), sockets: new Books() };
    let shown = 0;
    const reader = new WebSocket(urls.live, { skipUTF8Validation: true });
    onTestFinished(() => reader.terminate());
    reader.on("message", (text) => {
      const missed = /^{"missed":(\d+)}$/.exec(String(text))?.[1];
      shown += missed === undefined ? 1 : Number(missed);
    });
    // It is not shown what came before it.
    await once(reader, "open");
    const clients = [
      httpClient(urls.http, "http", books.http),
      webSocketClient(urls.sockets, "sockets", books.sockets),
    ];

    for (const { kind, to, count, stays } of crowds()) {
      const crowd = gather(kind, portOf(urls[to]), count);
      expect({ kind, said: await crowd.next() }).toEqual({ kind, said: "ready" });
      const before = [books.http.acknowledged.size, books.sockets.acknowledged.size] as const;
      while (books.http.acknowledged.size < before[0] + 5 || books.sockets.acknowledged.size < before[1] + 5)
        await sleep(20);
      expect((await post(`${endpoint}/health`, "", { method: "GET" })).status).toBe(200);
      if (!stays) {
        const tally = JSON.parse(await crowd.next()) as Record<string, number>;
        // Their own share of the memory may be used up before one is too large.
        expect({
          kind,
          others: Object.keys(tally).filter((word) => !["413", "429", "408", "closed"].includes(word)),
        }).toEqual({
          kind,
          others: [],
        });
        console.log(kind, tally);
      }
      console.log(`${kind}: ${Math.round(usageOf(weir.child.pid!).resident / 1e6)} MB`);
    }
    const filler = "x".repeat(64 * 1024);
    for (let burst = 0; burst < bursts; burst++) {
      const events = Array.from({ length: burstEvents }, (_, n) => ({ burst: burst * burstEvents + n, filler }));
      await books.http.record(
        `burst-${burst}`,
        async () => (await post(urls.http, JSON.stringify(events))).status === 200,
      );
    }
    await Promise.all(clients.map((client) => client.stop()));
    const sent = books.http.acknowledged.size + bursts * (burstEvents - 1);
    while (shown < sent) await sleep(20);

    const { peak, descriptors } = usageOf(weir.child.pid!);
    const { code, log } = await weir.stop("SIGTERM");
    console.log(`peak resident set ${Math.round(peak / 1e6)} MB, ${descriptors} descriptors`);
    expect({ code, errors: log.filter(({ msg }) => msg.includes("    at ")) }).toEqual({ code: 0, errors: [] });
    expect(peak).toBeLessThan(600e6);
    const taken = readLines(path("events.ndjson"));
    const honest = new Set(taken.map(({ honest, burst }) => honest ?? burst));
    const wanted = [...books.http.acknowledged, ...books.sockets.acknowledged].filter(
      (name) => !name.startsWith("burst"),
    );
    expect(wanted.filter((name) => !honest.has(name))).toEqual([]);
    expect(Array.from({ length: bursts * burstEvents }, (_, n) => n).filter((n) => !honest.has(n))).toEqual([]);
    expectConservation(readStats(path("stats.json")));
  },
  180_000,
);
