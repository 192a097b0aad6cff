import type {
  Http2Server,
  Http2Session,
  IncomingHttpHeaders,
  SecureServerOptions,
  ServerHttp2Session,
  ServerHttp2Stream,
} from "node:http2";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { longestTimer } from "../../clock.ts";
import { keyOf } from "../connections.ts";
import { listenFor } from "../listeners.ts";
import { answerTime, hostOf, type ServerSettings } from "../server.ts";
import { StreamConnections } from "../stream-connections.ts";
import { readServerTls } from "../tls.ts";

/** Loaded on first use: most pipelines have no gRPC. */
const http2 = (): typeof import("node:http2") => process.getBuiltinModule("node:http2");

/** The most concurrent calls on one connection. Further calls are refused, and the client sends them again. */
const mostCalls = 100;
/** How much a client may send before weir reads it, in bytes: per call, and per connection. */
const window = { ofCall: 256 * 1024, ofConnection: 1024 * 1024 };

/** `CANCEL` of HTTP/2. */
const cancelled = 8;

/** How often to check whether all calls are answered, in milliseconds. */
const shortTime = 10;

const limits: SecureServerOptions = {
  settings: {
    enablePush: false,
    maxConcurrentStreams: mostCalls,
    initialWindowSize: window.ofCall,
    maxHeaderListSize: 32 * 1024,
  },
  // Connections with more errors than this are closed. Of calls that the client resets at once, 33 per second are tolerated.
  maxSessionInvalidFrames: 100,
  maxSessionRejectedStreams: mostCalls,
  streamResetBurst: 1_000,
  streamResetRate: 33,
};

export interface RunningGrpcServer {
  /** `host:port`, with the real port if 0 was configured. */
  readonly address: string;
  /** Accepts no new connections and calls. Resolves when all calls are answered, or not read for a second. */
  stop(): Promise<void>;
}

/**
 * Starts an HTTP/2 server, with time limits for slow clients. Without TLS, clients must use HTTP/2 from the start. Rejects with a sentence
 * if it cannot listen.
 */
export const startGrpcServer = async (
  { listen, tls, timeout, idle_timeout, max_connections, onTooMany = () => undefined }: ServerSettings,
  onCall: (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => Promise<void>,
): Promise<RunningGrpcServer> => {
  /** For the handshake of TLS, and until the first call. */
  const first = Math.min(timeout, 10_000);
  const server: Http2Server = tls
    ? (http2().createSecureServer({
        ...limits,
        ...readServerTls(tls),
        handshakeTimeout: first,
      }) as unknown as Http2Server)
    : http2().createServer(limits);
  const connections = new StreamConnections(max_connections, onTooMany);
  const touches = new Map<string, () => void>();
  const sessions = new Set<ServerHttp2Session>();
  let unanswered = 0;
  server.maxConnections = max_connections;
  server.on("drop", onTooMany);
  server.on("connection", (socket: Socket) => {
    const key = keyOf(socket);
    touches.set(key, connections.add(socket));
    socket.once("close", () => touches.delete(key));
  });
  server.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    // An error on a connection or in a call concerns only its client.
    session.on("error", () => undefined);
    session.setLocalWindowSize(window.ofConnection);
    session.setTimeout(first, () => session.close());
  });
  for (const event of ["sessionError", "tlsClientError"]) server.on(event, () => undefined);
  server.on("unknownProtocol", (socket: Socket) => socket.destroy());
  server.on("stream", (stream, headers) => {
    stream.on("error", () => undefined);
    const { session } = stream;
    if (!session) return;
    session.setTimeout(Math.min(idle_timeout, longestTimer));
    touches.get(keyOf(session.socket))?.();
    unanswered++;
    void onCall(stream, headers).finally(() => {
      unanswered--;
      if (!stream.closed) endUnread(stream, session, Math.min(idle_timeout, longestTimer));
    });
  });
  const lease = await listenFor(server, listen, false).catch((error: unknown) => {
    connections.close();
    throw error;
  });
  return {
    address: hostOf(lease.address as AddressInfo),
    async stop() {
      lease.release();
      for (const session of sessions) session.close();
      // A client that does not read its answers must not keep weir from stopping.
      for (let unread = 0; sessions.size > 0 && unread < answerTime; unread = unanswered > 0 ? 0 : unread + shortTime)
        await sleep(shortTime);
      connections.close();
    },
  };
};

/**
 * A client that does not open its flow-control window would keep its answer, and so its connection, for ever. Its other calls go on, unless
 * it reads nothing at all.
 */
const endUnread = (stream: ServerHttp2Stream, session: Http2Session, ms: number): void => {
  let timer = setTimeout(() => {
    timer = setTimeout(() => session.destroy(), ms);
    stream.close(cancelled);
  }, ms);
  stream.once("close", () => clearTimeout(timer));
};
