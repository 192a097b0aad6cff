import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import type { Random } from "../../kill/random.ts";

/** What stands between weir and the server can do to an upload. */
export const uploadFaults = [
  "none",
  "slow down",
  "internal error",
  "reset within the body",
  "reset once it is written",
  "hang once it is written",
] as const;

type Fault = (typeof uploadFaults)[number];

const errors = {
  "slow down": [503, "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>"],
  "internal error": [500, "<Error><Code>InternalError</Code></Error>"],
} as const;

/** Passes requests on to a server of S3, and does to uploads what a seeded schedule says. */
export class FaultyProxy {
  readonly counts = new Map<Fault, number>();
  readonly #random: Random;
  readonly #target: string;
  #ended = false;

  constructor(target: string, random: Random) {
    this.#target = target;
    this.#random = random;
  }

  /** Listens until the test is over. */
  async start(): Promise<string> {
    const server = createServer((request, response) => void this.#handle(request, response).catch(() => undefined));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    onTestFinished(() => {
      server.close();
      server.closeAllConnections();
    });
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** From here on there are no more faults. */
  end(): void {
    this.#ended = true;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const isUpload = request.method === "PUT" && !this.#ended;
    const fault = isUpload && this.#random.chance(0.6) ? uploadFaults[this.#random.between(1, 5)]! : "none";
    if (isUpload) this.counts.set(fault, (this.counts.get(fault) ?? 0) + 1);
    if (fault === "reset within the body") {
      await once(request, "data");
      return void request.socket.resetAndDestroy();
    }
    const parts: Buffer[] = [];
    for await (const part of request as AsyncIterable<Buffer>) parts.push(part);
    if (fault === "slow down" || fault === "internal error") {
      const [status, body] = errors[fault];
      response.writeHead(status).end(body);
      return;
    }
    const { status, body } = await this.#pass(request, Buffer.concat(parts));
    if (fault === "reset once it is written") return void request.socket.resetAndDestroy();
    if (fault === "hang once it is written") return void (await sleep(60_000, undefined, { ref: false }));
    response.writeHead(status).end(body);
  }

  async #pass({ method = "GET", url, headers }: IncomingMessage, body: Buffer) {
    const { host: _, connection: __, "content-length": ___, ...passed } = headers;
    const answer = await fetch(`${this.#target}${url}`, {
      method,
      headers: passed as Record<string, string>,
      ...(body.length > 0 && { body }),
    });
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) };
  }
}
