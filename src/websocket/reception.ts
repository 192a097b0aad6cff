import type { WebSocketConnection } from "./upgrade.ts";

/** A message of which nothing has arrived for this long is stalled, in milliseconds. */
const stallTime = 1_000;

interface Unfinished {
  bytes: number;
  /** When the latest of them arrived. */
  at: number;
}

/** Counts the bytes in memory of messages that are not complete yet. */
export class MessageReception {
  readonly #unfinished = new Map<WebSocketConnection, Unfinished>();
  #bytes = 0;

  /** Bytes of the incomplete messages of all connections. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts the bytes of a connection as they arrive, and calls `grown` after each chunk. */
  watch(connection: WebSocketConnection, grown: () => void): void {
    const { socket, transport } = connection;
    const finish = () => this.forget(connection);
    transport.on("data", (chunk: Buffer) => {
      // Bytes that arrive after the close are discarded.
      if (socket.readyState !== socket.OPEN) return finish();
      this.#add(connection, chunk.length);
      grown();
      if (socket.readyState !== socket.OPEN) finish();
    });
    for (const whole of ["message", "ping", "pong", "close"] as const) socket.on(whole, finish);
  }

  /**
   * The connection to end when there is no room for more of `growing`: the one whose message is stalled for longest, or the
   * largest of the client with the most; `growing` itself if its client has the most.
   */
  excess(growing: WebSocketConnection): WebSocketConnection {
    const now = performance.now();
    const [stalled] = [...this.#unfinished]
      .filter(([{ socket }, { at }]) => !socket.isPaused && now - at >= stallTime)
      .sort((a, b) => a[1].at - b[1].at);
    if (stalled) return stalled[0];
    const clients = Map.groupBy(this.#unfinished, ([{ client }]) => client);
    const total = (messages: readonly (readonly [unknown, Unfinished])[] = []) =>
      messages.reduce((sum, [, { bytes }]) => sum + bytes, 0);
    const own = total(clients.get(growing.client));
    const [largest] = [...clients.values()].sort((a, b) => total(b) - total(a));
    if (!largest || total(largest) <= own) return growing;
    return largest.reduce((most, one) => (one[1].bytes > most[1].bytes ? one : most))[0];
  }

  #add(connection: WebSocketConnection, bytes: number): void {
    const before = this.#unfinished.get(connection)?.bytes ?? 0;
    this.#unfinished.set(connection, { bytes: before + bytes, at: performance.now() });
    this.#bytes += bytes;
  }

  /** Its message is complete, or will never be. */
  forget(connection: WebSocketConnection): void {
    this.#bytes -= this.#unfinished.get(connection)?.bytes ?? 0;
    this.#unfinished.delete(connection);
  }
}
