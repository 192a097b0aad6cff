import type { ClientRequest, IncomingMessage } from "node:http";
import { type ClientOptions, WebSocket } from "ws";
import { authorization } from "../http/auth.ts";
import { retryAfter } from "../http/retry-after.ts";
import { readClientTls } from "../http/tls.ts";
import { networkWords } from "../http-client/network-words.ts";
import { DeliveryError } from "../plugin.ts";
import { answerWords } from "./answer-words.ts";
import type { WebSocketClientConfig } from "./options.ts";

export interface ConnectOptions {
  /** Longest message taken, in bytes; a longer one ends the connection. */
  readonly maxPayload: number;
  readonly now: number;
  /** Aborts when it takes too long. */
  readonly signal: AbortSignal;
  /** Called before anything can happen: messages may come together with the handshake's answer. */
  readonly prepare?: (socket: WebSocket) => void;
}

/**
 * Connects, and resolves with the open connection. Rejects with a `DeliveryError` that says what the server answered,
 * and how long it asks to be left alone.
 */
export const connectWebSocket = (
  config: WebSocketClientConfig,
  { maxPayload, now, signal, prepare }: ConnectOptions,
): Promise<WebSocket> =>
  new Promise((resolve, reject) => {
    const target = targetOf(config.url);
    if (signal.aborted) return reject(new DeliveryError(`no connection to ${target}: there was no time left`));
    const socket = new WebSocket(config.url, { ...handshakeOf(config), maxPayload });
    prepare?.(socket);
    const settle = (error?: Error) => {
      signal.removeEventListener("abort", giveUp);
      socket.off("error", fail);
      // Every error ends in a close, and that is what the owner looks at.
      socket.on("error", () => undefined);
      if (!error) return resolve(socket);
      reject(error);
      socket.terminate();
    };
    const fail = (error: Error) => settle(new DeliveryError(`no connection: ${networkWords(error, target)}`));
    const giveUp = () => settle(new DeliveryError(`no connection to ${target} in time`));
    signal.addEventListener("abort", giveUp, { once: true });
    socket.once("open", () => settle());
    socket.on("error", fail);
    socket.once("unexpected-response", async (request: ClientRequest, response: IncomingMessage) => {
      // Its status says more than how the rest of it breaks off.
      socket.off("error", fail).on("error", () => undefined);
      const message = await answerWords(response, target);
      request.destroy();
      settle(new DeliveryError(message, { retryAfter: retryAfter(response.headers["retry-after"], now) }));
    });
  });

/** Scheme, host and path of an address: the query may hold a secret. */
export const targetOf = (url: string): string => {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
};

/** How long a server that said goodbye may take to hang up, in milliseconds; the package's own limit is half a minute. */
const closeTimeout = 1_000;

const handshakeOf = ({ headers, auth, tls, connect_timeout, compression }: WebSocketClientConfig): ClientOptions => {
  const shown = authorization(auth);
  return {
    ...{ closeTimeout },
    handshakeTimeout: connect_timeout,
    perMessageDeflate: compression,
    followRedirects: false,
    headers: { ...headers, ...(shown !== undefined && { Authorization: shown }) },
    ...readClientTls(tls),
  };
};
