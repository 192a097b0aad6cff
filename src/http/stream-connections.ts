import type { Socket } from "node:net";
import { clientOf } from "./client-address.ts";
import { addServer, connectionsOfOne, removeServer } from "./descriptors.ts";

interface Connection {
  readonly client: string;
  readonly socket: Socket;
  /** When something arrived last. */
  at: number;
}

/**
 * The open connections of a server for streams. When there are too many, the server closes a connection of the client with the most: the
 * one on which nothing has arrived for longest. So a few clients cannot shut others out.
 */
export class StreamConnections {
  readonly #most: number;
  readonly #closed: () => void;
  readonly #open = new Map<Socket, Connection>();

  /** `closed` is called for each connection that is closed because of the limit. */
  constructor(most: number, closed: () => void) {
    this.#most = most;
    this.#closed = closed;
    addServer(this);
  }

  /** Adds a connection. Call the result when something arrives on it. */
  add(socket: Socket): () => void {
    const connection = { client: clientOf(socket.remoteAddress), socket, at: performance.now() };
    this.#open.set(socket, connection);
    socket.once("close", () => this.#open.delete(socket));
    if (this.#open.size > Math.min(this.#most, connectionsOfOne())) {
      const victim = this.#victim(connection);
      this.#open.delete(victim.socket);
      victim.socket.destroy();
      this.#closed();
    }
    return () => {
      connection.at = performance.now();
    };
  }

  /** Closes all of them. */
  close(): void {
    removeServer(this);
    for (const socket of this.#open.keys()) socket.destroy();
  }

  #victim(newcomer: Connection): Connection {
    const clients = Map.groupBy(this.#open.values(), ({ client }) => client);
    const own = clients.get(newcomer.client)!.length;
    const [most = []] = [...clients.values()].sort((a, b) => b.length - a.length);
    if (most.length <= own) return newcomer;
    return most.reduce((idlest, one) => (one.at < idlest.at ? one : idlest));
  }
}
