/** WebSocket messages on loopback into the headline pipeline, each acknowledged when it is committed. Linux only. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { auditEvent } from "../plugins/sources/demo/generate.ts";
import type { Stats } from "../src/runtime/stats.ts";
import { putWebSocketLoad } from "./support/load.ts";
import { number, type Section, table } from "./support/section.ts";

const bin = fileURLToPath(new URL("../bin/weir.js", import.meta.url));
const connections = 4;
/** The most messages and bytes of a connection that are not acknowledged yet. */
const mostUnsafe = { messages: 400, bytes: 1_500_000 };

interface WebSocketThroughput {
  readonly name: string;
  readonly messagesPerSecond: number;
  readonly megabytesPerSecond: number;
  /** For each second of user and system time of weir: what one core would take. */
  readonly messagesPerCpuSecond: number;
  readonly megabytesPerCpuSecond: number;
  /** From sending a message to its acknowledgement, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly peakMegabytes: number;
}

/** Sends messages of `events` events each for `seconds`. */
const webSocketThroughput = async (seconds = 5): Promise<readonly WebSocketThroughput[]> => {
  const results: WebSocketThroughput[] = [];
  for (const events of [1, 10, 100, 400]) results.push(await throughputOf(events, seconds));
  return results;
};

const throughputOf = async (events: number, seconds: number): Promise<WebSocketThroughput> => {
  const weir = await startWeir();
  const bodies = listsOf(events);
  const room = Math.max(2, Math.min(mostUnsafe.messages, Math.floor(mostUnsafe.bytes / bodies[0]!.length)));
  const load = { port: weir.port, bodies, connections, room };
  await putWebSocketLoad(weir.pid, { ...load, seconds: seconds / 2 });
  const { requests, bytes, cpuSeconds, p50, p99, ...result } = await putWebSocketLoad(weir.pid, { ...load, seconds });
  const { peak_memory_bytes } = await weir.stop();
  return {
    name: events === 1 ? "messages of 1 event" : `messages of ${events} events`,
    messagesPerSecond: requests / result.seconds,
    megabytesPerSecond: bytes / 1e6 / result.seconds,
    messagesPerCpuSecond: requests / cpuSeconds,
    megabytesPerCpuSecond: bytes / 1e6 / cpuSeconds,
    p50,
    p99,
    peakMegabytes: peak_memory_bytes / 1e6,
  };
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
  return { port: Number(new URL(url).port), pid: child.pid!, stop };
};

export const webSockets: Section = {
  name: "websocket",
  heading: "WebSocket",
  measure: async () => {
    const rows = (await webSocketThroughput()).map((row) => [
      row.name,
      number(row.megabytesPerSecond),
      number(row.messagesPerSecond),
      number(row.megabytesPerCpuSecond),
      number(row.messagesPerCpuSecond),
      number(row.p50, 1),
      number(row.p99, 1),
      number(row.peakMegabytes),
    ]);
    return `
Messages on loopback to \`websocket_server\`, through the headline pipeline, each acknowledged when its events are committed. A
client has up to 400 messages or 1.5 MB that are not acknowledged yet.

${table(["messages", "MB/s", "messages/s", "MB a CPU second", "messages a CPU second", "p50 ms", "p99 ms", "peak MB"], rows)}`;
  },
};
