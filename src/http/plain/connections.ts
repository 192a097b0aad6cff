import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { Connections } from "../connections.ts";
import { PlainConnection, type PlainLimits } from "./connection.ts";
import type { PlainService } from "./service.ts";

/** The time limits of Node's server, in milliseconds. */
interface ServerLimits {
  readonly requestTimeout: number;
  readonly headersTimeout: number;
  readonly keepAliveTimeout: number;
  readonly connectionsCheckingInterval: number;
}

/** The connections of a server whose requests have all been plain so far. Others are handed to the server. */
export class PlainConnections {
  readonly #server: Server;
  readonly #connections: Connections;
  readonly #service: PlainService;
  readonly #limits: PlainLimits;
  readonly #open = new Set<PlainConnection>();

  constructor(server: Server, connections: Connections, service: PlainService, limits: ServerLimits) {
    this.#server = server;
    this.#connections = connections;
    this.#service = service;
    this.#limits = {
      headTime: limits.headersTimeout,
      requestTime: limits.requestTimeout,
      idleTime: limits.keepAliveTimeout,
    };
    const checking = setInterval(() => this.#check(), limits.connectionsCheckingInterval).unref();
    server.once("close", () => clearInterval(checking));
  }

  readonly take = (socket: Socket): void => {
    const connection = new PlainConnection(socket, this.#service, this.#limits, () => {
      this.#open.delete(connection);
      this.#connections.giveAway(socket);
      this.#server.emit("connection", socket);
    });
    this.#open.add(connection);
    socket.once("close", () => this.#open.delete(connection));
    this.#connections.add(socket, connection);
  };

  /** Closes those that are idle. */
  stop(): void {
    for (const connection of this.#open) connection.stop();
  }

  #check(): void {
    const now = performance.now();
    for (const connection of this.#open) connection.check(now);
  }
}
