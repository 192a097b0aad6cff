import { once } from "node:events";
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { expect, it } from "vitest";
import { WebSocket } from "ws";
import { freePort } from "../end-to-end/free-port.ts";
import { pipelineFile, readLines, readLinesSoFar, startWeir, temporaryFolder, type Weir } from "../end-to-end/weir.ts";
import { Random } from "../kill/random.ts";

const isLong = process.env["WEIR_LONG"] !== undefined;
const seed = Number(process.env["WEIR_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
const kills = isLong ? 40 : 3;

/** weir with a WebSocket server that writes what it takes to a file; killed and started again at will. */
const receiver = (folder: string, port: number) => {
  const path = join(folder, "received.ndjson");
  const pipeline = pipelineFile(
    folder,
    {
      sources: { in: { type: "websocket_server", listen: `127.0.0.1:${port}`, acknowledge: true } },
      sinks: { out: { type: "file", inputs: ["in"], path } },
    },
    "receiver.json",
  );
  const start = () => startWeir(["run", pipeline, "--data-dir", join(folder, "receiver")]);
  const numbers = (documents: ReturnType<typeof readLines>) => documents.map(({ n }) => n as number);
  return { start, soFar: () => numbers(readLinesSoFar(path)), received: () => numbers(readLines(path)) };
};

const kill = async (weir: Weir): Promise<void> => {
  const { signal, log } = await weir.stop("SIGKILL");
  if (signal !== "SIGKILL") throw new Error(`weir ended by itself: ${JSON.stringify(log)}`);
};

const expectEach = (received: readonly number[], count: number): void => {
  const missing = Array.from({ length: count }, (_, n) => n).filter((n) => !received.includes(n));
  expect(missing.slice(0, 10)).toEqual([]);
  expect(new Set(received).size).toBe(count);
};

/** Keeps each message until it is acknowledged, and sends on every connection first what was not. */
class AcknowledgedClient {
  readonly #url: string;
  readonly unsafe = new Map<number, string>();
  sent = 0;
  #isOver = false;

  constructor(url: string) {
    this.#url = url;
  }

  async run(): Promise<void> {
    while (!this.#isOver) {
      const socket = new WebSocket(this.#url);
      socket.on("error", () => undefined);
      socket.on("message", (answer) => this.#hear(socket, JSON.parse(String(answer))));
      const closed = once(socket, "close").catch(() => undefined);
      const isOpen = await Promise.race([once(socket, "open").then(() => true), closed.then(() => false)]).catch(
        () => false,
      );
      if (isOpen) {
        for (const message of this.unsafe.values()) socket.send(message);
        await this.#send(socket);
        socket.close();
      }
      await closed;
      await sleep(10);
    }
  }

  end(): void {
    this.#isOver = true;
  }

  async #send(socket: WebSocket): Promise<void> {
    while (socket.readyState === socket.OPEN && !this.#isOver) {
      if (this.unsafe.size < 200) {
        const id = this.sent++;
        const message = JSON.stringify({ id, events: [{ n: 2 * id }, { n: 2 * id + 1 }] });
        this.unsafe.set(id, message);
        socket.send(message);
      }
      if (this.sent % 20 === 0 || this.unsafe.size >= 200) await sleep(4);
    }
  }

  #hear(socket: WebSocket, { ack, retry, after }: { ack?: number; retry?: number; after?: number }): void {
    if (ack !== undefined) this.unsafe.delete(ack);
    if (retry !== undefined) setTimeout(() => socket.send(this.unsafe.get(retry) ?? ""), after);
  }
}

it("L1: killed at any instant, weir loses nothing that it acknowledged to a WebSocket client", async () => {
  const random = new Random(seed);
  const [folder, port] = [temporaryFolder(), await freePort()];
  const { start, received } = receiver(folder, port);
  const client = new AcknowledgedClient(`ws://127.0.0.1:${port}/`);
  const ran = client.run();
  for (let count = 0; count < kills; count++) {
    const weir = start();
    const before = client.sent;
    while (client.sent === before && weir.isAlive) await sleep(5);
    await sleep(random.between(0, 300));
    await kill(weir);
  }
  const last = start();
  const before = client.sent;
  while (client.sent < before + 100) await sleep(5);
  client.end();
  await ran;
  // What was acknowledged by now is safe; the rest may be there or not.
  expect((await last.stop("SIGTERM")).code).toBe(0);
  const found = new Set(received());
  const unsafe = new Set(client.unsafe.keys());
  const safe = Array.from({ length: client.sent }, (_, id) => id).filter((id) => !unsafe.has(id));
  expect(safe.filter((id) => !found.has(2 * id) || !found.has(2 * id + 1)).slice(0, 10)).toEqual([]);
  console.log(
    `seed ${seed}: ${kills} kills, ${safe.length} messages acknowledged, ${received().length} events received`,
  );
}, 300_000);

it("L1: from weir to weir with acknowledgements, both killed at any instant, every line arrives", async () => {
  const random = new Random(seed, 1);
  const [folder, port] = [temporaryFolder(), await freePort()];
  const { start, soFar, received } = receiver(folder, port);
  const log = join(folder, "log.ndjson");
  writeFileSync(log, "");
  const sender = pipelineFile(folder, {
    sources: { log: { type: "file", include: [log], codec: "json", poll_interval: "20ms" } },
    sinks: {
      out: {
        type: "websocket_client",
        inputs: ["log"],
        url: `ws://127.0.0.1:${port}/`,
        acknowledge: true,
        messages: "batch",
        retry: { initial: "10ms", max: "100ms" },
        batch: { max_events: 50 },
      },
    },
  });
  const startSender = () => startWeir(["run", sender, "--data-dir", join(folder, "sender")]);
  let written = 0;
  const write = (count: number) => {
    const lines = Array.from({ length: count }, () => `{"n":${written++}}\n`);
    appendFileSync(log, lines.join(""));
  };
  let [sending, receiving] = [startSender(), start()];
  for (let count = 0; count < kills; count++) {
    write(1000);
    const before = soFar().length;
    for (let waited = 0; waited < 3000 && soFar().length === before; waited += 5) await sleep(5);
    await sleep(random.between(0, 100));
    if (random.chance(0.5)) {
      await kill(sending);
      sending = startSender();
    } else {
      await kill(receiving);
      receiving = start();
    }
  }
  write(100);
  for (let waited = 0; waited < 30_000 && new Set(soFar()).size < written; waited += 20) await sleep(20);
  expect((await sending.stop("SIGTERM")).code).toBe(0);
  expect((await receiving.stop("SIGTERM")).code).toBe(0);
  expectEach(received(), written);
}, 300_000);
