import type { HttpClient, HttpResponse } from "weir/http";
import { type Auth, credentials } from "./auth.ts";

export interface ServerOptions {
  readonly url: string;
  readonly auth: Auth;
  readonly headers: Readonly<Record<string, string>>;
}

/** A cluster, as it is reached: requests have the credentials and headers of the options. */
export class Server {
  readonly client: HttpClient;
  /** Scheme, host and port, for messages. */
  readonly origin: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly #url: string;

  constructor({ url, auth, headers }: ServerOptions, client: HttpClient) {
    this.client = client;
    this.origin = new URL(url).origin;
    this.#url = url.replace(/\/*$/, "/");
    const shown = credentials(auth);
    this.headers = { ...(shown !== undefined && { authorization: shown }), ...headers };
  }

  /** The URL of an API path, given without a leading slash. */
  at(path: string): string {
    return this.#url + path;
  }

  /** Resolves with any response; rejects if there is none. */
  send(method: string, path: string, signal: AbortSignal, json?: unknown): Promise<HttpResponse> {
    return this.client.send(
      {
        method,
        url: this.at(path),
        headers: { ...this.headers, ...(json !== undefined && { "content-type": "application/json" }) },
        ...(json !== undefined && { body: Buffer.from(JSON.stringify(json)) }),
      },
      signal,
    );
  }

  /** Checks that the cluster accepts the credentials; rejects with what is wrong. */
  async check(signal: AbortSignal): Promise<void> {
    const { status } = await this.send("GET", "", signal);
    if (status === 401) throw new Error(`${this.origin} answered 401: it does not accept the credentials under "auth"`);
  }

  /** Whether it is OpenSearch, which has other field types. */
  async isOpenSearch(signal: AbortSignal): Promise<boolean> {
    const { status, body } = await this.send("GET", "", signal);
    if (status !== 200)
      throw new Error(`cannot tell whether ${this.origin} is Elasticsearch or OpenSearch: it answered ${status}`);
    return body.includes('"opensearch"');
  }
}
