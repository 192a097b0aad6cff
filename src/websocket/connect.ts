import type { ClientRequest, IncomingMessage } from "node:http";
import { type ClientOptions, WebSocket } from "ws";
import { longestTimer } from "../clock.ts";
import { authorization } from "../http/auth.ts";
import { retryAfter } from "../http/retry-after.ts";
import { readClientTls } from "../http/tls.ts";
import { networkWords } from "../http-client/network-words.ts";
import { DeliveryError } from "../plugin.ts";
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
  { maxPayload, now, signal: stop, prepare }: ConnectOptions,
): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    // The time limit of ws starts again with each byte that the server sends.
    const signal = AbortSignal.any([stop, AbortSignal.timeout(Math.min(config.connect_timeout, longestTimer))]);
    const target = targetOf(config.url);
    if (signal.aborted) return reject(new DeliveryError(`cannot connect to ${target}: there is no time left`));
    const socket = new WebSocket(config.url, { ...handshakeOf(config), maxPayload });
    prepare?.(socket);
    const settle = (error?: Error) => {
      signal.removeEventListener("abort", giveUp);
      socket.off("error", fail);
      // Every error is followed by a close, which the owner handles.
      socket.on("error", () => undefined);
      if (!error) return resolve(socket);
      reject(error);
      socket.terminate();
    };
    const fail = (error: Error) => settle(new DeliveryError(`cannot connect: ${networkWords(error, target)}`));
    const giveUp = () => settle(new DeliveryError(`cannot connect to ${target} in time`));
    signal.addEventListener("abort", giveUp, { once: true });
    socket.once("open", () => settle());
    socket.on("error", fail);
    socket.once("unexpected-response", async (request: ClientRequest, response: IncomingMessage) => {
      // The status says more than an error while reading the body.
      socket.off("error", fail).on("error", () => undefined);
      const message = await answerWords(response, target);
      request.destroy();
      settle(new DeliveryError(message, { retryAfter: retryAfter(response.headers, now) }));
    });
  });

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
