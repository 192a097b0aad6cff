import { appendFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { eventOf, type Sent } from "./books.ts";

export interface Sender {
  /** Resolves when everything that was sent is acknowledged. */
  stop(): Promise<void>;
}

export interface LogSender extends Sender {
  /** How often the log was rotated. */
  rotations(): number;
}

/** Writes some lines every 50 ms, and renames the log every `perFile` lines, as kube-apiserver does. */
export const logSender = (path: string, sent: Sent, isRead: (n: number) => boolean): LogSender => {
  const perFile = 5_000;
  const rotated: { readonly path: string; readonly last: number }[] = [];
  let [rotations, isOver] = [0, false];
  writeFileSync(path, "");
  const rotate = () => {
    const stamp = new Date().toISOString().replaceAll(":", "-").replace("Z", "");
    rotated.push({ path: path.replace(".log", `-${stamp}.log`), last: sent.count - 1 });
    renameSync(path, rotated.at(-1)!.path);
    writeFileSync(path, "");
    rotations++;
    // Five backups stay, and what is not read.
    while (rotated.length > 5 && isRead(rotated[0]!.last)) rmSync(rotated.shift()!.path);
  };
  const writing = (async () => {
    for (let lines = 0; !isOver; ) {
      const numbers = sent.next(1 + Math.floor(Math.random() * 40));
      const text = numbers.map((n) => `${eventOf("log", n)}\n`).join("");
      // Now and then a line is written in two parts.
      const cut = lines % 3 === 0 ? Math.floor(text.length / 2) : text.length;
      appendFileSync(path, text.slice(0, cut));
      if (cut < text.length) {
        await sleep(5);
        appendFileSync(path, text.slice(cut));
      }
      sent.acknowledge(numbers);
      lines += numbers.length;
      if (lines >= perFile) {
        rotate();
        lines = 0;
      }
      await sleep(50);
    }
  })();
  return {
    rotations: () => rotations,
    stop() {
      isOver = true;
      return writing;
    },
  };
};

const post = (url: string, body: string, agent: Agent): Promise<number> =>
  new Promise((resolve) => {
    const headers = { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(body) };
    const sending = request(url, { method: "POST", agent, headers }, (response) => {
      response.on("end", () => resolve(response.statusCode!)).on("error", () => resolve(0));
      response.resume();
    });
    sending.on("error", () => resolve(0)).end(body);
  });

/** POSTs lists of events over four connections; each is sent again until the answer is 200. */
export const httpSender = (url: string, sent: Sent): Sender => {
  const agent = new Agent({ keepAlive: true, maxSockets: 4 });
  let isOver = false;
  const lane = async () => {
    while (!isOver) {
      const numbers = sent.next(1 + Math.floor(Math.random() * 20));
      const body = `[${numbers.map((n) => eventOf("http", n)).join(",")}]`;
      while ((await post(url, body, agent)) !== 200) await sleep(100);
      sent.acknowledge(numbers);
      await sleep(100);
    }
  };
  const lanes = Promise.all(Array.from({ length: 4 }, lane));
  return {
    async stop() {
      isOver = true;
      await lanes;
      agent.destroy();
    },
  };
};

/** Sends messages with ids over a WebSocket, at most 20 without an answer, and again until each is acknowledged. */
export const socketSender = (url: string, sent: Sent): Sender => {
  const waiting = new Map<number, { readonly numbers: readonly number[]; readonly message: string }>();
  let [id, isOver] = [0, false];
  const connection = async () => {
    const socket = new WebSocket(url);
    socket.on("error", () => undefined);
    socket.on("message", (text) => {
      const { ack, retry, after } = JSON.parse(String(text)) as { ack?: number; retry?: number; after?: number };
      if (retry !== undefined) setTimeout(() => socket.send(waiting.get(retry)?.message ?? "{}"), after);
      const message = waiting.get(ack ?? -1);
      if (message) sent.acknowledge(message.numbers);
      waiting.delete(ack ?? -1);
    });
    const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
    const isOpen = await Promise.race([
      new Promise<boolean>((resolve) => socket.on("open", () => resolve(true))),
      closed.then(() => false),
    ]);
    if (isOpen) for (const { message } of waiting.values()) socket.send(message);
    while (isOpen && socket.readyState === WebSocket.OPEN && !(isOver && waiting.size === 0)) {
      if (!isOver && waiting.size < 20) {
        const numbers = sent.next(1 + Math.floor(Math.random() * 10));
        const message = `{"id":${++id},"events":[${numbers.map((n) => eventOf("sockets", n)).join(",")}]}`;
        waiting.set(id, { numbers, message });
        socket.send(message);
      }
      await sleep(25);
    }
    socket.close();
    await closed;
  };
  const sending = (async () => {
    while (!isOver || waiting.size > 0) {
      await connection();
      await sleep(50);
    }
  })();
  return {
    stop() {
      isOver = true;
      return sending;
    },
  };
};
