import type { IncomingHttpHeaders, IncomingMessage } from "node:http";
import https from "node:https";
import { connect, isIP } from "node:net";
import { connect as connectTls, type SecureContextOptions } from "node:tls";
import { longestTimer } from "../clock.ts";
import { Parts } from "../http/parts.ts";
import { type ClientTls, readClientTls } from "../http/tls.ts";
import { http } from "../node-http.ts";
import { networkWords } from "./network-words.ts";

export interface HttpRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

/** A whole response. `isCut`: the body was too long, and only its beginning is kept. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  readonly isCut: boolean;
}

/** A response whose body is still arriving. */
export interface OpenResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Rejects with a sentence if the connection breaks. Leaving a loop over it closes the connection. */
  readonly body: AsyncIterable<Buffer>;
}

export interface HttpClientOptions {
  readonly tls?: ClientTls;
  /** What the names of the options begin with in messages, such as `metadata.`; nothing by default. */
  readonly at?: string;
  /** How much of a response body is kept, in bytes; the default is 1 MiB. */
  readonly maxBody?: number;
  /** Time limit of `send`, with the whole response, in milliseconds; none by default. */
  readonly timeout?: number;
}

/** Sends requests over keep-alive connections. It does not follow redirects, and does not decompress bodies. */
export class HttpClient {
  readonly #at: string;
  readonly #tls: SecureContextOptions;
  readonly #maxBody: number;
  readonly #timeout: number | undefined;
  readonly #plain = new http.Agent({ keepAlive: true });
  readonly #secure: https.Agent;

  /** Throws a sentence when a file of `tls` cannot be read. */
  constructor({ tls = {}, at = "", maxBody = 1024 * 1024, timeout }: HttpClientOptions = {}) {
    this.#at = at;
    this.#tls = readClientTls(tls, at);
    this.#maxBody = maxBody;
    this.#timeout = timeout;
    this.#secure = new https.Agent({ keepAlive: true, ...this.#tls });
  }

  /** Resolves with any complete response, whatever its status; rejects with a sentence when there is none. */
  send(request: HttpRequest, stop: AbortSignal): Promise<HttpResponse> {
    const signal =
      this.#timeout === undefined
        ? stop
        : AbortSignal.any([stop, AbortSignal.timeout(Math.min(this.#timeout, longestTimer))]);
    return this.#answerTo(request, signal, (incoming) => collect(incoming, this.#maxBody));
  }

  /**
   * Resolves with the head of any response, whatever its status, for a body that is too long to wait for or has no end; rejects with a
   * sentence when there is none. Only `stop` limits the time.
   */
  open(request: HttpRequest, stop: AbortSignal): Promise<OpenResponse> {
    const { origin } = new URL(request.url);
    return this.#answerTo(request, stop, async (incoming) => ({
      status: incoming.statusCode ?? 0,
      headers: incoming.headers,
      body: partsOf(incoming, (error) => this.#failure(stop, error, origin)),
    }));
  }

  async #answerTo<T>(request: HttpRequest, signal: AbortSignal, read: (incoming: IncomingMessage) => Promise<T>) {
    const { origin } = new URL(request.url);
    while (true) {
      try {
        return await this.#attempt(request, signal, read);
      } catch (error) {
        // The server may just have closed the kept connection, which says nothing about the request.
        if (error instanceof StaleConnection && !signal.aborted) continue;
        throw this.#failure(signal, error, origin);
      }
    }
  }

  #failure({ aborted }: AbortSignal, error: unknown, origin: string): Error {
    return new Error(networkWords(aborted ? { code: "ABORT_ERR" } : error, origin, this.#at));
  }

  #attempt<T>(
    { method, url, headers, body }: HttpRequest,
    signal: AbortSignal,
    read: (incoming: IncomingMessage) => Promise<T>,
  ): Promise<T> {
    return new Promise((resolve, reject) => {
      const isSecure = url.startsWith("https:");
      const all = { "user-agent": "weir", ...headers, ...(body && { "content-length": String(body.length) }) };
      const options = { method, headers: all, signal, agent: isSecure ? this.#secure : this.#plain };
      const outgoing = (isSecure ? https : http).request(url, options);
      let isAnswered = false;
      outgoing.on("error", (error: NodeJS.ErrnoException) =>
        reject(!isAnswered && outgoing.reusedSocket && isReset(error) ? new StaleConnection() : error),
      );
      outgoing.on("response", (incoming) => {
        isAnswered = true;
        read(incoming)
          .then(resolve, reject)
          // A server that answers early may never read the rest of the request.
          .finally(() => !outgoing.writableFinished && outgoing.destroy());
      });
      outgoing.end(body);
    });
  }

  /** Resolves when the host accepts connections; rejects with a sentence. */
  async check(url: string, signal: AbortSignal): Promise<void> {
    const { hostname, port, protocol, origin } = new URL(url);
    const isSecure = protocol === "https:";
    const host = hostname.replace(/^\[|\]$/g, "");
    const at = { host, port: Number(port || (isSecure ? 443 : 80)) };
    const socket = isSecure
      ? connectTls({ ...at, ...this.#tls, ...(!isIP(host) && { servername: host }) })
      : connect(at);
    const give = () => void socket.destroy(Object.assign(new Error("aborted"), { code: "ABORT_ERR" }));
    if (signal.aborted) give();
    signal.addEventListener("abort", give);
    try {
      await new Promise((resolve, reject) => {
        socket.once(isSecure ? "secureConnect" : "connect", resolve);
        socket.once("error", reject);
      });
    } catch (error) {
      throw new Error(networkWords(error, origin, this.#at));
    } finally {
      signal.removeEventListener("abort", give);
      socket.destroy();
    }
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }
}

class StaleConnection extends Error {}

const isReset = ({ code }: NodeJS.ErrnoException): boolean => code === "ECONNRESET" || code === "EPIPE";

async function* partsOf(incoming: IncomingMessage, words: (error: unknown) => Error): AsyncGenerator<Buffer> {
  try {
    yield* incoming as AsyncIterable<Buffer>;
  } catch (error) {
    throw words(error);
  }
}

const collect = async (incoming: IncomingMessage, maxBody: number): Promise<HttpResponse> => {
  const parts = new Parts();
  for await (const part of incoming as AsyncIterable<Buffer>) {
    parts.add(part);
    // Leaving the loop closes the connection.
    if (parts.length > maxBody) break;
  }
  const body = parts.joined().subarray(0, maxBody);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body, isCut: parts.length > maxBody };
};
