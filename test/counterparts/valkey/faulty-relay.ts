import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { onTestFinished } from "vitest";
import type { Random } from "../../kill/random.ts";

/** What stands between weir and the server can do to a connection. */
export const relayFaults = ["none", "refuse", "cut before", "cut within", "cut after", "hang after"] as const;

type Fault = (typeof relayFaults)[number];

/** Passes connections on to a server, and ends some of them before, within or after a write, by a seeded schedule. */
export class FaultyRelay {
  readonly counts = new Map<Fault, number>();
  readonly #random: Random;
  readonly #target: number;
  #isOver = false;

  constructor(target: number, random: Random) {
    this.#target = target;
    this.#random = random;
  }

  /** Listens until the test is over. */
  async start(): Promise<string> {
    const server = createServer((client) => this.#relay(client));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => void server.close());
    return `redis://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** From here on there are no more faults. */
  end(): void {
    this.#isOver = true;
  }

  #draw(faults: readonly Fault[]): Fault {
    const fault =
      !this.#isOver && this.#random.chance(0.4) ? faults[this.#random.between(0, faults.length - 1)]! : "none";
    this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    return fault;
  }

  #relay(client: Socket): void {
    client.on("error", () => undefined);
    if (this.#draw(["refuse"]) === "refuse") return void client.resetAndDestroy();
    const upstream = connect(this.#target, "127.0.0.1");
    upstream.on("error", () => client.resetAndDestroy());
    onTestFinished(() => {
      client.destroy();
      upstream.destroy();
    });
    let fault: Fault = "none";
    upstream.on("close", () => fault !== "hang after" && client.destroy());
    client.on("close", () => upstream.destroy());
    client.on("data", (bytes) => {
      if (bytes.includes("EVALSHA")) fault = this.#draw(["cut before", "cut within", "cut after", "hang after"]);
      if (fault === "cut before") client.resetAndDestroy();
      else if (fault === "cut within")
        upstream.write(bytes.subarray(0, bytes.length / 2), () => client.resetAndDestroy());
      else upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (fault === "cut after") client.resetAndDestroy();
      else if (fault !== "hang after") client.write(bytes);
    });
  }
}
