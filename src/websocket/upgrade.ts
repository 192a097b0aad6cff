import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Clock } from "../clock.ts";
import { type Guard, guardOf } from "../http/auth.ts";
import { browserGuard, browserRules } from "../http/browsers.ts";
import { clientOf } from "../http/client-address.ts";
import { Refusal } from "../http/problem.ts";
import { RefusalLog } from "../http/refusal-log.ts";
import { answerAndClose } from "../http/server.ts";
import type { Context, Log } from "../plugin.ts";
import { CutOffs, socketsThatTell } from "./cut-offs.ts";
import type { WebSocketServerConfig } from "./options.ts";
import { checkQuery } from "./query.ts";

/** A WebSocket of the package ws. */
export type ClientSocket = WebSocket;

/** A connected client. */
export interface WebSocketConnection {
  readonly socket: WebSocket;
  /** The underlying socket, for counting bytes. */
  readonly transport: Duplex;
  /** The URL that the client requested, with its query. */
  readonly url: URL;
  /** Whose it is; see `clientOf`. */
  readonly client: string;
  /** Host and port of the client, for messages. */
  readonly peer: string;
}

export interface UpgradeOptions {
  readonly config: WebSocketServerConfig;
  /** Longest message in bytes; a longer one closes its connection with code 1009. */
  readonly maxPayload: number;
  readonly clock: Clock;
  readonly log: Log;
  readonly refused?: Context<unknown>["refused"];
  /** Parameters that the URL may have, each at most once; without it the query is not checked. */
  readonly query?: readonly string[];
  /** The last check, after path, origin and credentials; throws a `Refusal`. */
  readonly admit?: (url: URL) => void;
  readonly connected: (connection: WebSocketConnection) => void;
}

/** "Try again later", in the registry of close codes. */
const tryLater = 1013;

/** Turns upgrade requests into connections, or refuses them. */
export class Upgrades {
  readonly connections = new Set<WebSocketConnection>();
  readonly #options: UpgradeOptions;
  readonly #browsers: Guard;
  readonly #guard: Guard;
  readonly #refusals: RefusalLog;
  readonly #cutOffs: CutOffs;
  readonly #acceptor: WebSocketServer;

  constructor(server: Server, options: UpgradeOptions) {
    const { auth, tls, compression } = options.config;
    this.#options = options;
    this.#browsers = browserGuard(browserRules(options.config));
    this.#guard = guardOf(auth, tls);
    this.#refusals = new RefusalLog(options);
    this.#cutOffs = new CutOffs(options);
    this.#acceptor = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      maxPayload: options.maxPayload,
      WebSocket: socketsThatTell(options.maxPayload),
      perMessageDeflate: compression,
    });
    server.on("upgrade", (request, transport, head) => this.#upgrade(request, transport, head));
  }

  #upgrade(request: IncomingMessage, transport: Duplex, head: Buffer): void {
    transport.on("error", () => transport.destroy());
    const { remoteAddress, remotePort } = request.socket;
    const peer = `${remoteAddress}:${remotePort}`;
    try {
      const url = this.#check(request);
      this.#acceptor.handleUpgrade(request, transport, head, (socket) =>
        this.#connect({ socket, transport, url, client: clientOf(remoteAddress), peer }),
      );
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#refusals.add(error);
      answerAndClose(transport, error);
    }
  }

  #check(request: IncomingMessage): URL {
    const { config, query, admit } = this.#options;
    const url = URL.parse(request.url ?? "/", "ws://weir");
    if (url?.pathname !== config.path) throw new Refusal(404, `There is nothing at "${request.url?.slice(0, 200)}".`);
    this.#browsers(request);
    this.#guard(request);
    if (this.connections.size >= config.max_connections && !this.#makeRoom(clientOf(request.socket.remoteAddress)))
      throw new Refusal(503, "The server has reached its limit of connections; try again later.", {
        "Retry-After": "5",
      });
    if (query) checkQuery(url.searchParams, query);
    admit?.(url);
    return url;
  }

  /** Ends the newest connection of the client with the most, if another client has at least two fewer. */
  #makeRoom(newcomer: string): boolean {
    const clients = Map.groupBy(this.connections, ({ client }) => client);
    const [largest = []] = [...clients.values()].sort((a, b) => b.length - a.length);
    const connection = largest.at(-1);
    if (!connection || largest.length < (clients.get(newcomer)?.length ?? 0) + 2) return false;
    this.connections.delete(connection);
    connection.socket.close(tryLater, "another client needs its share of the connections");
    return true;
  }

  #connect(connection: WebSocketConnection): void {
    const { socket, peer } = connection;
    const { log, connected } = this.#options;
    this.connections.add(connection);
    socket.on("error", (error) => this.#cutOffs.add(error, peer));
    socket.once("close", (code) => {
      this.connections.delete(connection);
      log.debug(`${peer} disconnected`, { peer, code });
    });
    connected(connection);
  }
}
