import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { expectConservation } from "../end-to-end/conservation.ts";
import { pipelineFile, readLines, readLinesSoFar, readStats, startWeir, temporaryFolder } from "../end-to-end/weir.ts";
import { floodEvent } from "./attacks/events.ts";
import { Books, httpClient, webSocketClient } from "./honest.ts";
import { urlOf, usageOf } from "./process.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const MiB = 1 << 20;

/** What V8 gives itself in a container of 256 MiB. */
const environment = { NODE_OPTIONS: "--max-old-space-size=128", MALLOC_ARENA_MAX: "2" };

it.runIf(isLong)(
  "at ordinary load, weir fits into 256 MiB",
  async () => {
    const folder = temporaryFolder();
    const path = (name: string) => join(folder, name);
    const listen = "127.0.0.1:0";
    writeFileSync(path("audit.log"), "");
    const pipeline = pipelineFile(folder, {
      sources: {
        log: { type: "file", include: [path("audit.log")] },
        http: { type: "http_server", listen },
        sockets: { type: "websocket_server", listen, acknowledge: true },
      },
      transforms: {
        ecs: { type: "kubernetes_audit", inputs: ["log"] },
        detect: { type: "detection", inputs: ["ecs"], rules: ["kubernetes_secret_access_unusual_user_agent"] },
      },
      sinks: {
        alerts: { type: "file", inputs: ["detect"], path: path("alerts.ndjson") },
        events: { type: "file", inputs: ["http", "sockets"], path: path("events.ndjson") },
        documents: { type: "file", inputs: ["ecs"], path: path("documents.ndjson") },
      },
    });
    const args = ["run", pipeline, "--data-dir", path("data"), "--stats", path("stats.json"), "--listen", listen];
    const weir = startWeir(args, { environment });
    const books = new Books();
    const clients = [
      httpClient(await urlOf(weir, "http"), "http", books),
      webSocketClient(await urlOf(weir, "sockets"), "sockets", books),
    ];
    const [turns, perTurn] = [60, 100];
    for (let turn = 0; turn < turns; turn++) {
      // As many users as there are in a large cluster.
      const lines = Array.from(
        { length: perTurn },
        (_, n) => `${floodEvent(`line-${(turn * perTurn + n) % 500}`, 1)}\n`,
      );
      appendFileSync(path("audit.log"), lines.join(""));
      await sleep(100);
    }
    const count = turns * perTurn;
    while (readLinesSoFar(path("documents.ndjson")).length < count) await sleep(100);
    await Promise.all(clients.map((client) => client.stop()));
    const { peak } = usageOf(weir.child.pid!);
    console.log(`peak resident set ${Math.round(peak / MiB)} MiB`);
    expect((await weir.stop("SIGTERM")).code).toBe(0);
    const stats = readStats(path("stats.json"));
    expectConservation(stats);
    expect(stats.components["log"]!.component_received_events_total).toBe(count);
    expect(new Set(readFileSync(path("alerts.ndjson"), "utf8").match(/flood\/line-\d+/g)).size).toBe(500);
    const taken = new Set(readLines(path("events.ndjson")).map(({ honest }) => honest));
    expect([...books.acknowledged].filter((name) => !taken.has(name))).toEqual([]);
    expect(peak).toBeLessThan(256 * MiB);
  },
  120_000,
);
