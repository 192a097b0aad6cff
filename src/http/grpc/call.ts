import type { IncomingHttpHeaders } from "node:http";
import type { ServerHttp2Stream } from "node:http2";
import type { IntakeRequest } from "../intake.ts";

interface Calling {
  readonly stream: ServerHttp2Stream;
  /** The request that the intake sees. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly remoteAddress: string | undefined;
}

/** A unary call, as a request that the intake can take. */
export class Call implements IntakeRequest {
  readonly method = "POST";
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly socket: { readonly remoteAddress: string | undefined };
  readonly #stream: ServerHttp2Stream;

  constructor({ stream, url, headers, remoteAddress }: Calling) {
    this.#stream = stream;
    this.url = url;
    this.headers = headers;
    this.socket = { remoteAddress };
  }

  on(event: "data" | "end" | "error", listener: (...args: never[]) => void): void {
    this.#stream.on(event, listener as () => void);
    // A stream that its client resets ends without an error.
    if (event === "error") this.#stream.on("close", listener as () => void);
  }

  off(event: "data", listener: (chunk: Buffer) => void): void {
    this.#stream.off(event, listener);
  }
}
