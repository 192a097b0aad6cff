import type { IncomingMessage, ServerResponse } from "node:http";
import type { WebSocket } from "ws";
import type { Clock } from "../clock.ts";
import { answerProblem, Refusal } from "../http/problem.ts";
import { tooManyOf } from "../http/refusal-log.ts";
import { startServer } from "../http/server.ts";
import { Heartbeat } from "./heartbeat.ts";
import { type UpgradeOptions, Upgrades, type WebSocketConnection } from "./upgrade.ts";

export interface WebSocketListener {
  /** Such as `ws://127.0.0.1:8090/`. */
  readonly address: string;
  readonly connections: ReadonlySet<WebSocketConnection>;
  /** Accepts no new connections. */
  refuse(): void;
  /** Closes all connections with code 1001, and terminates those that do not answer within a second. */
  close(): Promise<void>;
}

/** How long a client may take for its handshake, and to answer a close, in milliseconds. */
const handshakeTime = 10_000;
const goodbyeTime = 1_000;
/** Sockets beyond `max_connections` that may be in their handshake. */
const spareSockets = 128;

/** Listens for WebSocket clients; rejects with a sentence when it cannot listen on the address. */
export const serveWebSockets = async (options: UpgradeOptions): Promise<WebSocketListener> => {
  const { config, clock, log, connected } = options;
  const heartbeat = new Heartbeat();
  const { server, url, upgraded, stop, close } = await startServer(
    {
      ...config,
      timeout: handshakeTime,
      idle_timeout: handshakeTime,
      max_connections: config.max_connections + spareSockets,
      onTooMany: tooManyOf(options),
    },
    requireUpgrade,
  );
  server.on("upgrade", upgraded);
  const upgrades = new Upgrades(server, {
    ...options,
    connected: (connection) => {
      heartbeat.watch(connection.socket);
      connected(connection);
    },
  });
  server.on("error", ({ message }) => log.error(`server error: ${message}`));
  const address = `${url.replace(/^http/, "ws")}${config.path}`;
  log.info(`listening on ${address}`, { address });
  const beating = new AbortController();
  void heartbeat.run(config.ping_interval, clock, beating.signal);
  return {
    address,
    connections: upgrades.connections,
    refuse: stop,
    async close() {
      beating.abort();
      stop();
      await Promise.all([...upgrades.connections].map(({ socket }) => sayGoodbye(socket, clock)));
      await close();
    },
  };
};

const requireUpgrade = (_request: IncomingMessage, response: ServerResponse): void =>
  answerProblem(
    response,
    new Refusal(426, "This address takes WebSocket connections only.", {
      Upgrade: "websocket",
      Connection: "Upgrade, close",
    }),
  );

const sayGoodbye = async (socket: WebSocket, clock: Clock): Promise<void> => {
  const answered = new AbortController();
  socket.once("close", () => answered.abort());
  // A paused connection would not see the close frame of the client.
  socket.resume();
  socket.close(1001, "weir is stopping");
  await clock.sleep(goodbyeTime, answered.signal);
  socket.terminate();
};
