import { readFileSync } from "node:fs";
import { Agent, request } from "node:https";
import { addresses } from "./addresses.ts";
import type { Identity } from "./identities.ts";

/** A request as it goes over the wire. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly who: Identity;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: string | Buffer;
  /** The loopback address that it comes from. */
  readonly from?: string;
}

export interface RawAnswer {
  readonly status: number;
  readonly body: string;
}

/** Sends raw HTTPS requests to the API server, over connections that are kept. */
export class Client {
  readonly #port: number;
  readonly #ca: Buffer;
  readonly #agents = new Map<string, Agent>();

  constructor(port: number, ca: string) {
    this.#port = port;
    this.#ca = readFileSync(ca);
  }

  /** Resolves with the answer, or with `undefined` if there is none: no server, or one that ends. */
  send(raw: RawRequest): Promise<RawAnswer | undefined> {
    const { method, path, who, headers = {}, body, from = "127.0.0.1" } = raw;
    const all: Record<string, string | string[]> = { ...who.headers, ...headers };
    if (body !== undefined) all["Content-Length"] = String(Buffer.byteLength(body));
    return new Promise((resolve) => {
      const sent = request({
        ...{
          host: addresses.apiServer,
          port: this.#port,
          method,
          path,
          headers: all,
          localAddress: from,
          timeout: 60_000,
        },
        ...{ agent: this.#agent(from, who), ca: this.#ca, ...who.certificate },
      });
      sent.on("error", () => resolve(undefined));
      sent.on("timeout", () => sent.destroy());
      sent.on("response", (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", () => resolve(undefined));
        response.on("end", () =>
          resolve({ status: response.statusCode!, body: Buffer.concat(chunks).toString("utf8") }),
        );
      });
      sent.end(body);
    });
  }

  close(): void {
    for (const agent of this.#agents.values()) agent.destroy();
  }

  /** Connections of different certificates are never shared. */
  #agent(from: string, { certificate }: Identity): Agent {
    const name = `${from} ${certificate?.cert.toString("latin1") ?? ""}`;
    const agent = this.#agents.get(name) ?? new Agent({ keepAlive: true, maxSockets: 16 });
    this.#agents.set(name, agent);
    return agent;
  }
}
