import {
  type IncomingHttpHeaders,
  type IncomingMessage,
  Agent as PlainAgent,
  request as plainRequest,
} from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { authorization, type ClientAuth } from "./auth.ts";
import { decompressorOf, encodings, receiveBody } from "./body.ts";
import { type ClientTls, readClientTls } from "./tls.ts";

export interface GetSettings {
  readonly tls: ClientTls;
  readonly auth: ClientAuth;
  readonly headers: Readonly<Record<string, string>>;
  /** The longest body, in bytes, as it comes and when it is decompressed. */
  readonly maxBody: number;
  /** How long a request may take with its answer, in milliseconds. */
  readonly timeout: number;
}

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Decompressed. */
  readonly body: Buffer;
}

/** Sends GET requests over connections that are kept. It follows no redirect: what it shows is for one server. */
export class HttpGetter {
  readonly #settings: GetSettings;
  readonly #plain = new PlainAgent({ keepAlive: true });
  readonly #secure: SecureAgent;
  readonly #headers: Readonly<Record<string, string>>;

  /** Throws a sentence when a file of `tls` cannot be read. */
  constructor(settings: GetSettings) {
    const shown = authorization(settings.auth);
    this.#settings = settings;
    this.#secure = new SecureAgent({ keepAlive: true, ...readClientTls(settings.tls) });
    this.#headers = {
      "User-Agent": "weir",
      "Accept-Encoding": encodings,
      ...(shown !== undefined && { Authorization: shown }),
      ...settings.headers,
    };
  }

  /** Resolves with any whole answer, whatever its status; rejects when there is none, and when `signal` aborts. */
  async get(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Answer> {
    const { maxBody, timeout } = this.#settings;
    const late = AbortSignal.timeout(timeout);
    try {
      const message = await this.#send(url, { ...this.#headers, ...headers }, AbortSignal.any([signal, late]));
      const body = await receiveBody(message, decompressorOf(message.headers["content-encoding"]), { maxBody });
      return { status: message.statusCode ?? 0, headers: message.headers, body };
    } catch (error) {
      throw late.aborted ? new Error(`no whole answer came within ${timeout} ms`) : error;
    }
  }

  close(): void {
    this.#plain.destroy();
    this.#secure.destroy();
  }

  #send(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = url.startsWith("https:")
        ? secureRequest(url, { headers, signal, agent: this.#secure })
        : plainRequest(url, { headers, signal, agent: this.#plain });
      request.on("response", resolve);
      request.on("error", reject);
      request.end();
    });
  }
}
