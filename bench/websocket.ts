/** WebSocket messages on loopback into the headline pipeline, each acknowledged when it is committed. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { WebSocket } from "ws";
import { auditEvent } from "../plugins/sources/demo/generate.ts";
import type { Stats } from "../src/runtime/stats.ts";

const bin = fileURLToPath(new URL("../bin/weir.js", import.meta.url));
const connections = 4;
/** The most messages and bytes of a connection that are not acknowledged yet. */
const mostUnsafe = { messages: 400, bytes: 1_500_000 };

export interface WebSocketThroughput {
  readonly name: string;
  readonly messagesPerSecond: number;
  readonly eventsPerSecond: number;
  readonly megabytesPerSecond: number;
  readonly peakMegabytes: number;
}

/** Sends messages of `events` events each for `seconds`. */
export const webSocketThroughput = async (seconds = 5): Promise<readonly WebSocketThroughput[]> => {
  const results: WebSocketThroughput[] = [];
  for (const events of [1, 10, 100, 400]) results.push(await throughputOf(events, seconds));
  return results;
};

const throughputOf = async (events: number, seconds: number): Promise<WebSocketThroughput> => {
  const weir = await startWeir();
  await load(weir.url, events, Math.min(1, seconds / 2));
  const { messages, bytes, elapsed } = await load(weir.url, events, seconds);
  const { peak_memory_bytes } = await weir.stop();
  return {
    name: events === 1 ? "messages of 1 event" : `messages of ${events} events`,
    messagesPerSecond: messages / elapsed,
    eventsPerSecond: (messages * events) / elapsed,
    megabytesPerSecond: bytes / 1e6 / elapsed,
    peakMegabytes: peak_memory_bytes / 1e6,
  };
};

const load = async (url: string, events: number, seconds: number) => {
  const total = { messages: 0, bytes: 0, elapsed: 0 };
  const start = performance.now();
  const made = listsOf(events);
  const room = Math.max(2, Math.min(mostUnsafe.messages, Math.floor(mostUnsafe.bytes / made[0]!.length)));
  const client = async (index: number) => {
    const socket = new WebSocket(url);
    await new Promise((resolve, reject) => socket.once("open", resolve).once("error", reject));
    const unsafe = new Map<number, Buffer>();
    const send = (id: number, message: Buffer) => {
      unsafe.set(id, message);
      socket.send(message);
    };
    socket.on("message", (answer) => {
      const { ack, retry, after } = JSON.parse(String(answer)) as { ack?: number; retry?: number; after?: number };
      if (retry !== undefined) void sleep(after).then(() => send(retry, unsafe.get(retry)!));
      if (ack === undefined) return;
      total.messages++;
      total.bytes += unsafe.get(ack)!.length;
      unsafe.delete(ack);
    });
    for (let id = index; performance.now() - start < seconds * 1000; id += connections) {
      while (unsafe.size >= room) await new Promise((resolve) => socket.once("message", resolve));
      send(id, Buffer.from(`{"id":${id},"events":${made[id % made.length]}}`));
    }
    while (unsafe.size > 0) await new Promise((resolve) => socket.once("message", resolve));
    socket.terminate();
  };
  await Promise.all(Array.from({ length: connections }, (_, index) => client(index)));
  return { ...total, elapsed: (performance.now() - start) / 1000 };
};

const listsOf = (events: number): readonly string[] =>
  Array.from({ length: Math.max(4, Math.ceil(2_000 / events)) }, (_, list) => {
    const made = Array.from({ length: events }, (_, index) => auditEvent(list * events + index, 3));
    return `[${made.join(",")}]`;
  });

const startWeir = async () => {
  const folder = mkdtempSync(join(tmpdir(), "weir-bench-"));
  const [pipeline, stats] = [join(folder, "pipeline.json"), join(folder, "stats.json")];
  writeFileSync(
    pipeline,
    JSON.stringify({
      sources: { audit: { type: "websocket_server", listen: "127.0.0.1:0", acknowledge: true } },
      transforms: {
        ecs: { type: "kubernetes_audit", inputs: ["audit"] },
        detect: { type: "detection", inputs: ["ecs"], rules: ["kubernetes_secret_access_unusual_user_agent"] },
      },
      sinks: { alerts: { type: "file", inputs: ["detect"], path: join(folder, "alerts.ndjson") } },
    }),
  );
  const args = [bin, "run", pipeline, "--data-dir", join(folder, "data"), "--stats", stats];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const url = await new Promise<string>((resolve, reject) => {
    const lines = createInterface({ input: child.stderr });
    lines.on("line", (line) => {
      const found = /listening on (ws:[^"\s]+)/.exec(line)?.[1];
      if (found) resolve(found);
    });
    lines.once("close", () => reject(new Error("weir ended before it was listening")));
  });
  const stop = async (): Promise<Stats> => {
    child.kill("SIGTERM");
    await new Promise((resolve) => child.once("exit", resolve));
    const read = JSON.parse(readFileSync(stats, "utf8")) as Stats;
    rmSync(folder, { recursive: true, force: true });
    return read;
  };
  return { url, stop };
};
