import type { IncomingMessage, ServerResponse } from "node:http";
import type { WebSocket } from "ws";
import type { Clock } from "../clock.ts";
import { answerProblem, Refusal } from "../http/problem.ts";
import { startServer } from "../http/server.ts";
import { Heartbeat } from "./heartbeat.ts";
import { type UpgradeOptions, Upgrades, type WebSocketConnection } from "./upgrade.ts";

export interface WebSocketListener {
  /** Such as `ws://127.0.0.1:8090/`. */
  readonly address: string;
  readonly connections: ReadonlySet<WebSocketConnection>;
  /** Takes no new connections. */
  refuse(): void;
  /** Says goodbye with code 1001, and cuts off whoever does not answer within a second. */
  close(): Promise<void>;
}

/** How long a client may take for its handshake, and to say goodbye, in milliseconds. */
const handshakeTime = 10_000;
const goodbyeTime = 1_000;
/** Sockets beyond `max_connections` that may be in their handshakes. */
const spareSockets = 128;

/** Listens for WebSocket clients; rejects with a sentence when the address cannot be listened on. */
export const serveWebSockets = async (options: UpgradeOptions): Promise<WebSocketListener> => {
  const { config, clock, log, connected } = options;
  const heartbeat = new Heartbeat();
  const { server, url, stop, close } = await startServer(
    {
      ...config,
      timeout: handshakeTime,
      idle_timeout: handshakeTime,
      max_connections: config.max_connections + spareSockets,
    },
    sendElsewhere,
  );
  const upgrades = new Upgrades(server, {
    ...options,
    connected: (connection) => {
      heartbeat.watch(connection.socket);
      connected(connection);
    },
  });
  server.on("error", ({ message }) => log.error(`the server has a problem: ${message}`));
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

const sendElsewhere = (_request: IncomingMessage, response: ServerResponse): void =>
  answerProblem(
    response,
    new Refusal(426, "A WebSocket client is wanted here.", {
      Upgrade: "websocket",
      Connection: "Upgrade, close",
    }),
  );

const sayGoodbye = async (socket: WebSocket, clock: Clock): Promise<void> => {
  const answered = new AbortController();
  socket.once("close", () => answered.abort());
  // A paused connection would not see the answer.
  socket.resume();
  socket.close(1001, "weir stops");
  await clock.sleep(goodbyeTime, answered.signal);
  socket.terminate();
};
