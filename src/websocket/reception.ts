import type { Shares } from "../http/shares.ts";
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
  readonly #memory: Shares;
  readonly #unfinished = new Map<WebSocketConnection, Unfinished>();

  /** `memory`: which client has how many bytes of messages, complete or not. */
  constructor(memory: Shares) {
    this.#memory = memory;
  }

  /** Counts the bytes of a connection as they arrive, and calls `grown` after each chunk. */
  watch(connection: WebSocketConnection, grown: () => void): void {
    const { socket, transport } = connection;
    const finish = () => this.forget(connection);
    // Before the socket gets the chunk: one that ends a message is forgotten with it.
    transport.prependListener("data", (chunk: Buffer) => this.#add(connection, chunk.length));
    transport.on("data", () => {
      // Bytes that arrive after the close are discarded.
      if (socket.readyState === socket.OPEN) grown();
      if (socket.readyState !== socket.OPEN) finish();
    });
    for (const whole of ["message", "ping", "pong", "close"] as const) socket.on(whole, finish);
  }

  /**
   * The connection to end when there is no room for more of `growing`: the one whose message is stalled for longest, or the
   * largest of the client with the most; `growing` itself if its client has the most. None if `growing` is within its
   * share, and those that are not have only complete messages, which cannot be refused any more.
   */
  excess(growing: WebSocketConnection): WebSocketConnection | undefined {
    const memory = this.#memory;
    const now = performance.now();
    const [stalled] = [...this.#unfinished]
      .filter(([{ socket }, { at }]) => !socket.isPaused && now - at >= stallTime)
      .sort((a, b) => a[1].at - b[1].at);
    if (stalled) return stalled[0];
    const own = memory.of(growing.client);
    const [largest] = [...this.#unfinished]
      .filter(([{ client }]) => memory.of(client) > own && !memory.isWithin(client, 0))
      .sort(([a, { bytes: ofA }], [b, { bytes: ofB }]) => memory.of(b.client) - memory.of(a.client) || ofB - ofA);
    return largest?.[0] ?? (memory.isWithin(growing.client, 0) ? undefined : growing);
  }

  #add(connection: WebSocketConnection, bytes: number): void {
    const before = this.#unfinished.get(connection)?.bytes ?? 0;
    this.#unfinished.set(connection, { bytes: before + bytes, at: performance.now() });
    this.#memory.take(connection.client, bytes);
  }

  /** Its message is complete, or will never be. */
  forget(connection: WebSocketConnection): void {
    this.#memory.release(connection.client, this.#unfinished.get(connection)?.bytes ?? 0);
    this.#unfinished.delete(connection);
  }
}
