import type { WebSocketConnection } from "./upgrade.ts";

/** Counts the bytes in memory of messages that are not complete yet. */
export class MessageReception {
  #bytes = 0;

  /** Bytes of the incomplete messages of all connections. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts the bytes of a connection as they arrive, and calls `grown` after each chunk. */
  watch({ socket, transport }: WebSocketConnection, grown: () => void): void {
    let unfinished = 0;
    const finish = () => {
      this.#bytes -= unfinished;
      unfinished = 0;
    };
    transport.on("data", (chunk: Buffer) => {
      // Bytes that arrive after the close are discarded.
      if (socket.readyState !== socket.OPEN) return finish();
      unfinished += chunk.length;
      this.#bytes += chunk.length;
      grown();
      if (socket.readyState !== socket.OPEN) finish();
    });
    for (const whole of ["message", "ping", "pong", "close"] as const) socket.on(whole, finish);
  }
}
