import type { ClientRequest, IncomingMessage } from "node:http";
import { type ClientOptions, WebSocket } from "ws";
import { longestTimer } from "../clock.ts";
import { authorization } from "../http/auth.ts";
import { retryAfter } from "../http/retry-after.ts";
import { readClientTls } from "../http/tls.ts";
import { DeliveryError } from "../plugin.ts";
import { attempt } from "../socket/attempt.ts";
import { answerWords } from "./answer-words.ts";
import type { WebSocketClientConfig } from "./options.ts";

export interface ConnectOptions {
  /** Longest accepted message in bytes; a longer one closes the connection. */
  readonly maxPayload: number;
  readonly now: number;
  /** Aborts the attempt to connect. */
  readonly signal: AbortSignal;
  /** Called before the first event: messages may arrive together with the response to the handshake. */
  readonly prepare?: (socket: WebSocket) => void;
}

/**
 * Connects, and resolves with the open connection. Rejects with a `DeliveryError` that has the response of the server and its
 * `Retry-After`.
 */
export const connectWebSocket = (
  config: WebSocketClientConfig,
  { maxPayload, now, signal, prepare }: ConnectOptions,
): Promise<WebSocket> => {
  const target = targetOf(config.url);
  return attempt(
    ({ settle, ignoreErrors }) => {
      const socket = new WebSocket(config.url, { ...handshakeOf(config), maxPayload });
      prepare?.(socket);
      socket.once("open", () => settle());
      socket.once("unexpected-response", async (request: ClientRequest, response: IncomingMessage) => {
        // The status says more than an error while reading the body.
        ignoreErrors();
        const message = await answerWords(response, target);
        request.destroy();
        settle(new DeliveryError(message, { retryAfter: retryAfter(response.headers, now) }));
      });
      return socket;
    },
    // The time limit of ws starts again with each byte that the server sends.
    { target, connect_timeout: config.connect_timeout, signal, destroy: (socket) => socket.terminate() },
  );
};

/** Scheme, host and path of a URL, for messages: the query may hold a secret. */
export const targetOf = (url: string): string => {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
};

/** How long a server may take to close the connection after its close frame, in milliseconds; the default of ws is 30 s. */
const closeTimeout = 1_000;

const handshakeOf = ({ headers, auth, tls, connect_timeout, compression }: WebSocketClientConfig): ClientOptions => {
  const shown = authorization(auth);
  return {
    ...{ closeTimeout },
    handshakeTimeout: Math.min(connect_timeout, longestTimer),
    perMessageDeflate: compression,
    followRedirects: false,
    headers: { ...headers, ...(shown !== undefined && { Authorization: shown }) },
    ...readClientTls(tls),
  };
};
