import { createServer, type IncomingHttpHeaders, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { onTestFinished } from "vitest";

/** A request, as a receiver got it. */
export interface Taken {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** As it was sent. */
  readonly body: Buffer;
  /** The same without gzip. */
  readonly plain: Buffer;
}

export interface Receiver {
  /** Such as `http://127.0.0.1:41234`. */
  readonly origin: string;
  readonly server: Server;
  readonly taken: readonly Taken[];
}

/** An HTTP server that keeps what it gets, and is closed after the test. `answer` answers each request: 200 if it is not given. */
export const receiver = async (
  answer: (request: Taken, response: ServerResponse) => unknown = (_request, response) => response.end(),
): Promise<Receiver> => {
  const taken: Taken[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts);
    const { method = "", url = "", headers } = request;
    const plain = headers["content-encoding"] === "gzip" ? gunzipSync(body) : body;
    const whole = { method, url, headers, body, plain };
    taken.push(whole);
    answer(whole, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server, taken };
};
