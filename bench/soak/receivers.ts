import { closeSync, existsSync, fstatSync, openSync, readdirSync, readSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { basename, dirname, extname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type WebSocket, WebSocketServer } from "ws";
import { Received } from "./books.ts";

/** A receiver that can fail for a while: first it refuses, then nobody is there, and then it is back. */
export interface Receiver {
  readonly received: Received;
  outage(milliseconds: number): Promise<void>;
  close(): void;
}

/** What was acknowledged before an outage has arrived when the connections end: the books stay exact. */
const graceful = 500;

/** Takes NDJSON. */
export const httpReceiver = async (port: number): Promise<Receiver> => {
  const received = new Received();
  let isDown = false;
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      if (isDown) return void response.writeHead(503).end();
      const lines = Buffer.concat(parts).toString().split("\n");
      const events = lines.filter((line) => line !== "");
      for (const line of events) received.take(line);
      received.acknowledged += events.length;
      response.end();
    });
  });
  await listen(server, port);
  const outage = async (milliseconds: number) => {
    isDown = true;
    await sleep(graceful);
    server.close();
    server.closeAllConnections();
    await sleep(milliseconds);
    isDown = false;
    await listen(server, port);
  };
  return { received, outage, close: () => server.close().closeAllConnections() };
};

/** Acknowledges messages with ids. */
export const socketReceiver = async (port: number): Promise<Receiver> => {
  const received = new Received();
  const sockets = new Set<WebSocket>();
  let isDown = false;
  const server = createServer();
  new WebSocketServer({ server }).on("connection", (socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => sockets.delete(socket));
    socket.on("message", (text) => {
      if (isDown) return;
      const { id, events } = JSON.parse(String(text)) as { readonly id: string; readonly events: readonly unknown[] };
      for (const event of events) received.take(JSON.stringify(event));
      received.acknowledged += events.length;
      socket.send(JSON.stringify({ ack: id }));
    });
  });
  await listen(server, port);
  const end = () => {
    server.close();
    for (const socket of sockets) socket.terminate();
  };
  const outage = async (milliseconds: number) => {
    isDown = true;
    await sleep(graceful);
    end();
    await sleep(milliseconds);
    isDown = false;
    await listen(server, port);
  };
  return { received, outage, close: end };
};

const listen = (server: Server, port: number): Promise<void> =>
  new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));

/** Reads what a file sink writes, and removes the files that it has rotated. */
export class FileReceiver {
  readonly received = new Received();
  readonly #path: string;
  /** By inode: up to where a file is read. */
  readonly #read = new Map<number, number>();

  constructor(path: string) {
    this.#path = path;
  }

  look(): void {
    const [name, extension] = [basename(this.#path, extname(this.#path)), extname(this.#path)];
    const files = readdirSync(dirname(this.#path)).filter((file) => file.startsWith(`${name}-`));
    for (const file of files.filter((one) => one.endsWith(extension)).sort()) {
      const path = join(dirname(this.#path), file);
      this.#take(path);
      rmSync(path);
    }
    if (existsSync(this.#path)) this.#take(this.#path);
  }

  #take(path: string): void {
    const file = openSync(path, "r");
    const { ino, size } = fstatSync(file);
    const from = this.#read.get(ino) ?? 0;
    const bytes = Buffer.alloc(Math.max(0, size - from));
    readSync(file, bytes, 0, bytes.length, from);
    closeSync(file);
    // A last line without its end may be one that is being written.
    const end = bytes.lastIndexOf(10) + 1;
    const lines = bytes.toString("utf8", 0, end).split("\n");
    for (const line of lines.slice(0, -1)) this.received.take(line);
    this.received.acknowledged += lines.length - 1;
    if (path === this.#path) this.#read.set(ino, from + end);
    else this.#read.delete(ino);
  }
}
