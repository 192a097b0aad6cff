import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { onTestFinished } from "vitest";

/** Takes events by HTTP, and counts how often each came. */
export class Receiver {
  readonly taken = new Map<string, number>();
  readonly url: string;

  static async start(): Promise<Receiver> {
    const server = createServer();
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const receiver = new Receiver((server.address() as AddressInfo).port);
    server.on("request", async (request, response) => {
      for (const line of (await text(request)).split("\n"))
        if (line !== "") receiver.#take(JSON.parse(line) as { readonly source: string; readonly n: number });
      response.end();
    });
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return receiver;
  }

  private constructor(port: number) {
    this.url = `http://127.0.0.1:${port}/`;
  }

  #take({ source, n }: { readonly source: string; readonly n: number }): void {
    const key = `${source} ${n}`;
    this.taken.set(key, (this.taken.get(key) ?? 0) + 1);
  }
}
