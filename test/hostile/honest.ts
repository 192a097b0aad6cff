import { Agent } from "node:http";
import { Agent as SecureAgent } from "node:https";
import { setTimeout as sleep } from "node:timers/promises";
import { WebSocket } from "ws";
import { post } from "../http/client.ts";

/** What honest clients did: which events weir said it has, and how long each took to be acknowledged. */
export class Books {
  readonly acknowledged = new Set<string>();
  /** From the first attempt to the acknowledgement, in milliseconds. */
  readonly latencies: number[] = [];
  attempts = 0;

  async record(name: string, attempt: () => Promise<boolean>): Promise<void> {
    const start = performance.now();
    for (;;) {
      this.attempts++;
      // A client whose request is refused, or whose connection ends, sends it again.
      if (await attempt().catch(() => false)) break;
      await sleep(50);
    }
    this.latencies.push(performance.now() - start);
    this.acknowledged.add(name);
  }
}

/** Between two events of a client, in milliseconds. */
const interval = 40;

export interface Client {
  /** Resolves when everything that was sent is acknowledged. */
  stop(): Promise<void>;
}

/** Sends an event every `interval`, whatever became of those before it. */
const steadily = (prefix: string, books: Books, send: (name: string) => Promise<boolean>): Client => {
  const sent: Promise<void>[] = [];
  let isOver = false;
  const sending = (async () => {
    for (let n = 0; !isOver; n++) {
      const name = `${prefix}-${n}`;
      sent.push(books.record(name, () => send(name)));
      await sleep(interval);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await sending;
      await Promise.all(sent);
    },
  };
};

/** POSTs events over connections that stay open. */
export const httpClient = (url: string, prefix: string, books: Books, ca?: Buffer): Client => {
  const options = { keepAlive: true, maxSockets: 8 };
  const agent = url.startsWith("https:") ? new SecureAgent({ ...options, ...(ca && { ca }) }) : new Agent(options);
  const client = steadily(
    prefix,
    books,
    async (honest) => (await post(url, JSON.stringify({ honest }), { agent })).status === 200,
  );
  return { stop: () => client.stop().finally(() => agent.destroy()) };
};

/** Sends events over one WebSocket that it opens again when it ends, and waits for their acknowledgements. */
export const webSocketClient = (url: string, prefix: string, books: Books): Client => {
  const waiting = new Map<string, (isTaken: boolean) => void>();
  let socket: WebSocket | undefined;
  const settle = (name: string, isTaken: boolean) => {
    waiting.get(name)?.(isTaken);
    waiting.delete(name);
  };
  const connect = () => {
    const opening = new WebSocket(url);
    socket = opening;
    opening.on("error", () => undefined);
    opening.on("close", () => {
      for (const name of waiting.keys()) settle(name, false);
      if (socket === opening) socket = undefined;
    });
    opening.on("message", (message) => {
      const answer = JSON.parse(String(message)) as { readonly ack?: string; readonly retry?: string };
      settle(answer.ack ?? answer.retry ?? "", answer.ack !== undefined);
    });
  };
  const client = steadily(prefix, books, (honest) => {
    if (!socket) connect();
    if (socket!.readyState !== WebSocket.OPEN) return Promise.resolve(false);
    return new Promise((resolve) => {
      waiting.set(honest, resolve);
      socket!.send(JSON.stringify({ id: honest, events: [{ honest }] }));
    });
  });
  return {
    async stop() {
      await client.stop();
      socket?.close();
    },
  };
};
