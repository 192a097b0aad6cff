import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { Random } from "../kill/random.ts";
import { type FaultName, faults } from "./faults.ts";
import { HttpReceiver, type Receiver } from "./receiver.ts";

const names = (Object.keys(faults) as FaultName[]).filter((name) => name !== "none");

/** Stands before a receiver and does to its requests what a seeded schedule says: one fault for a few requests in a row. */
export class FaultServer {
  readonly receiver: Receiver;
  /** How often each fault came about. */
  readonly counts = new Map<FaultName, number>();
  readonly #random: Random;
  readonly #server: Server;
  readonly #deck: FaultName[] = [];
  #port = 0;
  #storm: { readonly name: FaultName; left: number } = { name: "none", left: 3 };
  #always: FaultName | undefined;

  constructor(seeds: readonly number[], receiver: new (random: Random) => Receiver = HttpReceiver) {
    this.#random = new Random(...seeds);
    this.receiver = new receiver(new Random(...seeds, 1));
    this.#server = createServer((request, response) => void this.#handle(request, response));
    this.#server.keepAliveTimeout = 200;
  }

  /** Listens on a port of its own until the test is over. */
  async start(): Promise<string> {
    await this.#listen();
    this.#port = (this.#server.address() as AddressInfo).port;
    onTestFinished(() => {
      this.#server.close();
      this.#server.closeAllConnections();
    });
    return `http://127.0.0.1:${this.#port}/events`;
  }

  /** From here on, the same for every request: `none` is the end of all faults. */
  always(name: FaultName): void {
    this.#always = name;
    // Requests that hang are ended, so that nobody waits for them.
    this.#server.closeAllConnections();
  }

  #listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject).listen(this.#port, "127.0.0.1", () => {
        this.#server.off("error", reject);
        resolve();
      });
    });
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = this.#always ?? this.#next();
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    const { receiver } = this;
    try {
      await faults[name]({ request, response, receiver, random: this.#random, refuseAll: () => void this.#refuse() });
    } catch (error) {
      // The client may be killed within any request.
      if ((error as NodeJS.ErrnoException).code !== "ECONNRESET") throw error;
    }
  }

  #next(): FaultName {
    if (this.#storm.left === 0) {
      const name = this.#random.chance(0.4) ? "none" : this.#deal();
      this.#storm = { name, left: this.#random.between(1, name === "none" ? 6 : 3) };
    }
    this.#storm.left--;
    return this.#storm.name;
  }

  /** Every fault has its turn, in an order that changes. */
  #deal(): FaultName {
    if (this.#deck.length === 0) this.#deck.push(...names);
    return this.#deck.splice(this.#random.between(0, this.#deck.length - 1), 1)[0]!;
  }

  async #refuse(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await sleep(this.#random.between(10, 150));
    // Another socket may have got the port meanwhile: for a moment, as clients have it.
    for (let tries = 0; tries < 200; tries++)
      try {
        return await this.#listen();
      } catch {
        await sleep(10);
      }
    throw new Error(`port ${this.#port} is taken by somebody else`);
  }
}
