import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, isIPv6 } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { longestTimer } from "../clock.ts";
import { http } from "../node-http.ts";
import { Connections } from "./connections.ts";
import { listenFor } from "./listeners.ts";
import { PlainConnections } from "./plain/connections.ts";
import type { PlainService } from "./plain/service.ts";
import { Refusal, rawProblem } from "./problem.ts";
import { readServerTls, type ServerTls } from "./tls.ts";

export interface ServerSettings {
  /** `host:port`, an IPv6 address in brackets. */
  readonly listen: string;
  readonly tls?: ServerTls | undefined;
  /** How long a client may take to send a request, in milliseconds. */
  readonly timeout: number;
  /** How long an idle connection stays open, in milliseconds. */
  readonly idle_timeout: number;
  readonly max_connections: number;
  /** Called for each connection that is closed because there are too many. */
  readonly onTooMany?: () => void;
}

export interface RunningServer {
  readonly server: Server;
  /** Its URL, such as `http://127.0.0.1:8080`, with the real port if 0 was configured. */
  readonly url: string;
  /** Call it for each request that is upgraded. */
  upgraded(request: IncomingMessage): void;
  /** Accepts no new connections, and closes idle ones. */
  stop(): void;
  /** Resolves when every request is answered and all answers are handed to the system, or not read for a second. */
  answered(): Promise<void>;
  /** Closes all connections, whatever their state. */
  close(): Promise<void>;
}

/**
 * Starts a server with time limits for slow clients. `plain`: takes plain requests that come without TLS. Rejects with a sentence
 * when it cannot listen.
 */
export const startServer = async (
  settings: ServerSettings,
  onRequest: (request: IncomingMessage, response: ServerResponse) => void,
  plain?: PlainService,
): Promise<RunningServer> => {
  const { tls, timeout, idle_timeout, max_connections } = settings;
  const limits = {
    requestTimeout: Math.min(timeout, longestTimer),
    headersTimeout: Math.min(timeout, 10_000),
    keepAliveTimeout: Math.min(idle_timeout, longestTimer),
    connectionsCheckingInterval: Math.min(1_000, Math.max(50, timeout / 2)),
  };
  const connections = new Connections(max_connections, settings.onTooMany);
  const server = tls
    ? createTlsServer({ ...limits, ...readServerTls(tls), handshakeTimeout: Math.min(timeout, 10_000) }, onRequest)
    : http.createServer(limits, onRequest);
  // A client that has closed its side still waits for the answer. (Node's own option; its types do not have it.)
  if (!tls) Object.assign(server, { httpAllowHalfOpen: true });
  connections.watch(server);
  server.on("checkContinue", onRequest);
  server.on("clientError", answerBrokenRequest);
  const plains = plain && !tls ? new PlainConnections(server, connections, plain, limits) : undefined;
  const lease = await listenFor(server, settings.listen, tls === undefined, plains?.take);
  const stop = () => {
    lease.release();
    plains?.stop();
    server.close();
  };
  return {
    server,
    url: urlOf(lease.address, tls !== undefined),
    upgraded: (request) => connections.upgraded(request),
    stop,
    async answered() {
      let unread = 0;
      for (let open = connections.unfinished; open.length > 0; open = connections.unfinished) {
        await sleep(shortTime);
        // A client that does not read its answers must not keep weir from stopping.
        unread = open.every(({ writableEnded }) => writableEnded) ? unread + shortTime : 0;
        if (unread >= answerTime) return;
      }
    },
    async close() {
      stop();
      // closeAllConnections would leave out a connection that has not finished its TLS handshake.
      await connections.close();
    },
  };
};

const urlOf = ({ address, port }: AddressInfo, isTls: boolean): string =>
  `${isTls ? "https" : "http"}://${hostOf({ address, port })}`;

/** `host:port`, an IPv6 address in brackets. */
export const hostOf = ({ address, port }: Pick<AddressInfo, "address" | "port">): string =>
  `${isIPv6(address) ? `[${address}]` : address}:${port}`;

/** How long a client may take to read an answer when its connection is to be closed, in milliseconds. */
export const answerTime = 1000;
/** How often to look whether all requests are answered, in milliseconds. */
const shortTime = 10;

/** Answers a request that is not HTTP or takes too long, and closes its connection. */
const answerBrokenRequest = (error: NodeJS.ErrnoException, socket: Duplex): void => {
  // Before the end of the TLS handshake, nothing can be sent.
  const isSilent = "secureConnecting" in socket && socket.secureConnecting === true;
  if (error.code === "ECONNRESET" || !socket.writable || isSilent) return void socket.destroy();
  answerAndClose(socket, refusalOf(error));
};

/** Answers where there is no response object, and closes the connection. */
export const answerAndClose = (socket: Duplex, refusal: Refusal): void => {
  socket.end(rawProblem(refusal), () => socket.destroy());
  setTimeout(() => socket.destroy(), answerTime).unref();
};

const refusalOf = ({ code, message }: NodeJS.ErrnoException): Refusal => {
  if (code === "ERR_HTTP_REQUEST_TIMEOUT") return new Refusal(408, "The request took too long to arrive.");
  if (code === "HPE_HEADER_OVERFLOW") return new Refusal(431, "The headers of the request are too large.");
  return new Refusal(400, `The request is not HTTP: ${message}.`);
};

/** Whether other machines can reach this address. */
export const isPublic = (address: string): boolean => !/^(127\.|localhost:|\[::1\]:)/i.test(address);
