import { once } from "node:events";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";
import { onTestFinished } from "vitest";
import type { Random } from "../kill/random.ts";
import { addresses } from "./addresses.ts";
import { type AuditEvent, combinationsOf, essence, isTooDeep } from "./oracle.ts";

/** One POST of audit events, and what became of it. Times in milliseconds, of one clock. */
export interface Post {
  /** Those that the rule is about. */
  readonly events: readonly AuditEvent[];
  /** The Audit-IDs of those that are nested too deep for weir. */
  readonly deep: readonly string[];
  readonly size: number;
  readonly started: number;
  /** What the receiver answered; 0 for nothing. */
  readonly status: number;
  /** When the receiver answered 200. */
  readonly accepted?: number;
}

/** A proxy between the API server and the webhook: it records each POST, and loses some answers. */
export class RecordingProxy {
  readonly posts: Post[] = [];
  lostAnswers = 0;
  readonly #server: Server;
  readonly #target: number;
  readonly #random: Random;
  /** Events that were sent and never accepted, by their text. */
  readonly #open = new Set<string>();

  private constructor(target: number, random: Random) {
    this.#target = target;
    this.#random = random;
    this.#server = createServer((incoming, answer) => void this.#relay(incoming, answer).catch(() => answer.destroy()));
  }

  /** Forwards what it gets to weir's port. */
  static async start(target: number, random: Random): Promise<RecordingProxy> {
    const proxy = new RecordingProxy(target, random);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    onTestFinished(() => {
      proxy.#server.close();
      proxy.#server.closeAllConnections();
    });
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { readonly port: number }).port}/audit`;
  }

  /** How many events were sent and not accepted so far; the API server may send them again. */
  get waiting(): number {
    return this.#open.size;
  }

  async #relay(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await buffer(incoming);
    const { items } = JSON.parse(body.toString("utf8")) as { readonly items: readonly AuditEvent[] };
    const deep = items.filter((item) => isTooDeep(JSON.stringify(item))).map(({ auditID }) => auditID);
    const events = items.filter((item) => combinationsOf(item).length > 0).map(essence);
    const started = performance.now();
    const answered = await this.#forward(incoming, body).catch(() => undefined);
    const accepted = answered?.status === 200 ? { accepted: performance.now() } : {};
    const status = answered?.status ?? 0;
    this.posts.push({ events, deep, size: items.length, started, status, ...accepted });
    for (const { auditID } of events) this.#open[answered?.status === 200 ? "delete" : "add"](auditID);
    if (answered?.status === 200 && this.#random.chance(0.1)) {
      this.lostAnswers++;
      incoming.socket.destroy();
      return;
    }
    answer.writeHead(status || 502, answered?.headers).end();
  }

  async #forward({ url, headers }: IncomingMessage, body: Buffer) {
    const kept = { "content-type": headers["content-type"], "user-agent": headers["user-agent"] };
    const sent = request({
      ...{ host: addresses.weir, port: this.#target, method: "POST", path: url, timeout: 60_000 },
      headers: { ...kept, "content-length": body.length },
    });
    sent.on("timeout", () => sent.destroy());
    sent.end(body);
    const [response] = (await once(sent, "response")) as [IncomingMessage];
    await buffer(response);
    const retryAfter = response.headers["retry-after"];
    return { status: response.statusCode!, headers: retryAfter === undefined ? {} : { "Retry-After": retryAfter } };
  }
}
