import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Guard } from "../http/auth.ts";
import { browserGuard } from "../http/browsers.ts";
import { Connections } from "../http/connections.ts";
import { Refusal } from "../http/problem.ts";
import { isPublic } from "../http/server.ts";
import { http } from "../node-http.ts";
import type { ListenAddress } from "./listen-address.ts";
import { type Measured, metricsOf } from "./metrics.ts";

export interface Observed extends Measured {
  /** Why the run is not ready, by component; empty if it is. */
  notReady(): ReadonlyMap<string, string>;
}

export interface Endpoint {
  /** For example `http://127.0.0.1:9598`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Beyond these, idle and slow connections are closed. */
const mostConnections = 128;

/**
 * Serves /health, /ready and /metrics until it is closed. On a loopback address it answers to addresses, names
 * without a dot and the names in `hosts`. Rejects with an error for people if it cannot listen.
 */
export const openEndpoint = async (
  { host, port }: ListenAddress,
  observed: Observed,
  hosts: readonly string[] = [],
): Promise<Endpoint> => {
  const metrics = metricsOf(observed);
  const pages: Readonly<Record<string, (response: ServerResponse) => void | Promise<void>>> = {
    "/health": (response) => {
      json(response, 200, {
        status: "alive",
        version: observed.version,
        uptime_seconds: observed.stats().uptime_seconds,
      });
    },
    "/ready": (response) => {
      const reasons = observed.notReady();
      json(response, reasons.size > 0 ? 503 : 200, { ready: reasons.size === 0, reasons: Object.fromEntries(reasons) });
    },
    "/metrics": async (response) => {
      const text = await metrics.text();
      response.writeHead(200, { "content-type": metrics.contentType }).end(text);
    },
  };
  const guard = browserGuard({
    origins: [],
    hosts,
    anyHost: isPublic(`${host.includes(":") ? `[${host}]` : host}:${port}`),
  });
  const server = http.createServer((request, response) => {
    const { url = "/", method = "GET" } = request;
    const page = pages[url.split("?", 1)[0]!];
    const refusal = refusalOf(guard, request);
    if (refusal) json(response, refusal.status, { error: refusal.message });
    else if (!page) json(response, 404, { error: "Not found: use /health, /ready or /metrics." });
    else if (method !== "GET" && method !== "HEAD")
      json(response.setHeader("allow", "GET, HEAD"), 405, { error: "Method not allowed: use GET." });
    else void Promise.resolve(page(response)).catch((error: Error) => json(response, 500, { error: error.message }));
  });
  server.headersTimeout = 5000;
  server.requestTimeout = 5000;
  new Connections(mostConnections).watch(server);
  await listen(server, host, port);
  return {
    url: urlOf(server.address() as AddressInfo),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
};

/** Why a request is refused, if it is. */
const refusalOf = (guard: Guard, request: IncomingMessage): Refusal | undefined => {
  try {
    guard(request);
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
};

const json = (response: ServerResponse, status: number, body: unknown): void => {
  const headers = { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" };
  response.writeHead(status, headers).end(`${JSON.stringify(body)}\n`);
};

const listen = (server: Server, host: string, port: number): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once("error", ({ message }) =>
      reject(new Error(`--listen: cannot listen on "${host}:${port}": ${message}`)),
    );
    server.listen(port, host, () => resolve());
  });

const urlOf = ({ address, port, family }: AddressInfo): string =>
  `http://${family === "IPv6" ? `[${address}]` : address}:${port}`;
