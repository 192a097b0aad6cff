import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export interface HttpLoad {
  readonly port: number;
  /** Files with the bodies, which are sent in turn. */
  readonly bodies: readonly string[];
  /** The Content-Type. */
  readonly type: string;
  readonly connections: number;
  readonly seconds: number;
}

export interface WebSocketLoad extends Omit<HttpLoad, "type"> {
  /** How many messages of a connection may be unacknowledged. */
  readonly room: number;
}

/** What a load was answered. */
export interface LoadResult {
  readonly requests: number;
  /** Bytes of the bodies of these requests. */
  readonly bytes: number;
  /** How many requests had to be sent again. */
  readonly refused: number;
  readonly seconds: number;
  /** The time from sending a request to its answer, in milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** The same, and the user and system time that the server took meanwhile, in seconds. */
export interface ServedLoad extends LoadResult {
  readonly cpuSeconds: number;
}

/** A load, with the bodies themselves. */
type Load<T extends HttpLoad | WebSocketLoad> = Omit<T, "bodies"> & { readonly bodies: readonly string[] };

/** Puts a load on the server with this process id, from a process of its own. */
export const putHttpLoad = (server: number, load: Load<HttpLoad>) => putLoad("http", server, load);
export const putWebSocketLoad = (server: number, load: Load<WebSocketLoad>) => putLoad("websocket", server, load);

const putLoad = async (
  kind: "http" | "websocket",
  server: number,
  load: Load<HttpLoad | WebSocketLoad>,
): Promise<ServedLoad> => {
  const folder = mkdtempSync(join(tmpdir(), "weir-load-"));
  const bodies = load.bodies.map((body, index) => {
    const path = join(folder, String(index));
    writeFileSync(path, body);
    return path;
  });
  const script = fileURLToPath(new URL(`./${kind}-load.ts`, import.meta.url));
  const before = cpuSecondsOf(server);
  const child = spawn(process.execPath, [script, JSON.stringify({ ...load, bodies })], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  for await (const chunk of child.stdout) text += String(chunk);
  const cpuSeconds = cpuSecondsOf(server) - before;
  rmSync(folder, { recursive: true, force: true });
  return { ...(JSON.parse(text) as LoadResult), cpuSeconds };
};

/** The user and system time of a running process and those that it has started, with all their threads, in seconds. */
export const cpuSecondsOf = (pid: number): number => {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number);
  // The name of the program may contain spaces.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)!.split(" ");
  const own = (Number(fields[11]) + Number(fields[12])) / 100;
  return children.reduce((total, child) => total + cpuSecondsOf(child), own);
};
