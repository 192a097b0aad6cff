import { type ChildProcess, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createClient } from "@redis/client";
import { afterAll } from "vitest";
import { freePort } from "../../end-to-end/free-port.ts";
import { spawnBound } from "../../end-to-end/spawn-bound.ts";

/** The server: Valkey, or the Redis that Debian has. */
const program = ["valkey-server", "redis-server"].find((name) => spawnSync(name, ["--version"]).status === 0);

/** With "everysec", a busy disk delays writes, and a kill loses what was answered. */
const durable = ["--appendonly", "yes", "--appendfsync", "always"];

/** Whether there is one here. Says how to get one if not. */
export const hasServer = program !== undefined;
if (!hasServer) console.log("skipped: no Valkey or Redis; apt-get install redis-server installs one");

const clientFor = (url: string) => createClient({ url, RESP: 2 });
type Client = ReturnType<typeof clientFor>;

/** A server on the loopback address. Its data outlives a restart. */
export class Server {
  readonly port: number;
  readonly url: string;
  readonly #folder: string;
  readonly #more: readonly string[];
  #process: ChildProcess | undefined;

  private constructor(folder: string, port: number, more: readonly string[]) {
    this.#folder = folder;
    this.#more = more;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  /** Starts one until the tests of the file are over. `more`: further arguments. */
  static async start(more: readonly string[] = []): Promise<Server> {
    const server = await Server.open(more);
    afterAll(() => server.remove());
    return server;
  }

  /** Starts one until `remove` is called. */
  static async open(more: readonly string[] = []): Promise<Server> {
    const server = new Server(mkdtempSync(join(tmpdir(), "weir-valkey-")), await freePort(), more);
    await server.run();
    return server;
  }

  get pid(): number {
    return this.#process!.pid!;
  }

  remove(): void {
    this.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }

  /** Starts the process, with the data that is there, and resolves when it takes connections. */
  async run(): Promise<void> {
    const fixed = ["--port", String(this.port), "--bind", "127.0.0.1", "--dir", this.#folder, "--save", ""];
    const process = spawnBound(program!, [...fixed, ...durable, ...this.#more], { stdio: "pipe" });
    this.#process = process;
    let log = "";
    process.stdout!.setEncoding("utf8").on("data", (text) => {
      log += text;
    });
    for (let tries = 0; tries < 600; tries++) {
      if (log.includes("Ready to accept connections")) return;
      if (process.exitCode !== null) throw new Error(`the server ended with ${process.exitCode}: ${log}`);
      await sleep(50);
    }
    throw new Error(`the server is not ready after 30 s: ${log}`);
  }

  kill(): void {
    this.#process?.kill("SIGKILL");
  }

  /** Kills the process, and starts it again. */
  async restart(pause = 0): Promise<void> {
    const ended = new Promise((resolve) => this.#process?.once("exit", resolve));
    this.kill();
    await ended;
    await sleep(pause);
    await this.run();
  }

  async with<T>(use: (client: Client) => Promise<T>): Promise<T> {
    const client = clientFor(this.url);
    await client.connect();
    try {
      return await use(client);
    } finally {
      client.destroy();
    }
  }
}
