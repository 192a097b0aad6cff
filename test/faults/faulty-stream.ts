import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { parseSyslog } from "weir/formats";
import { OctetCountingFraming } from "../../src/decode/framing/octet-counting.ts";
import type { Random } from "../kill/random.ts";

/** What a receiver of syslog can do to a connection. */
export const streamFaults = [
  "none",
  "none, slowly",
  "refuse",
  "hang",
  "reset at once",
  "reset within the messages",
  "reset once all is taken",
  "close unread",
] as const;
type StreamFault = (typeof streamFaults)[number];

/** A receiver of syslog over TCP. It takes whole messages, whose text is `{"n": …}`, and closes after its client. */
export class FaultyStream {
  readonly taken = new Set<number>();
  readonly counts = new Map<StreamFault, number>();
  readonly #random: Random;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;
  #port = 0;
  #isOver = false;

  constructor(random: Random) {
    this.#random = random;
    this.#server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => void this.#handle(socket));
  }

  async start(): Promise<string> {
    await this.#listen();
    this.#port = (this.#server.address() as AddressInfo).port;
    onTestFinished(() => {
      this.#server.close();
      this.#cut();
    });
    return `127.0.0.1:${this.#port}`;
  }

  /** No more faults. */
  end(): void {
    this.#isOver = true;
    this.#cut();
  }

  async #handle(socket: Socket): Promise<void> {
    this.#sockets.add(socket);
    socket.on("error", () => undefined).on("close", () => this.#sockets.delete(socket));
    const fault = this.#isOver || this.#random.chance(0.3) ? "none" : streamFaults[this.#random.between(0, 7)]!;
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    if (fault === "hang") return;
    if (fault === "refuse") return void this.#refuse();
    if (fault === "reset at once") return void socket.resetAndDestroy();
    if (fault === "close unread") {
      // The system resets a connection that is closed before all was read.
      await sleep(this.#random.between(0, 10));
      return void socket.destroy();
    }
    await this.#read(socket, fault);
  }

  async #read(socket: Socket, fault: StreamFault): Promise<void> {
    const framing = new OctetCountingFraming(1_000_000, 0);
    const record = (block: Buffer, start: number, end: number) => {
      const { message } = parseSyslog(block.toString("utf8", start, end), "rfc5424");
      this.taken.add((JSON.parse(message) as { readonly n: number }).n);
    };
    let position = 0;
    let left = fault === "reset within the messages" ? this.#random.between(1, 400) : Number.POSITIVE_INFINITY;
    try {
      for await (const block of socket as AsyncIterable<Buffer>) {
        const part = block.subarray(0, left);
        framing.push(part, position, { record, oversize: () => undefined });
        position += part.length;
        left -= part.length;
        if (left <= 0) return void socket.resetAndDestroy();
        if (fault === "none, slowly") await sleep(10);
      }
      if (fault === "reset once all is taken") socket.resetAndDestroy();
      else socket.end();
    } catch {
      // The client was killed.
    }
  }

  #cut(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject).listen(this.#port, "127.0.0.1", () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  async #refuse(): Promise<void> {
    this.#cut();
    if (!this.#server.listening) return;
    this.#server.close();
    await sleep(this.#random.between(10, 100));
    await this.#listen();
  }
}
