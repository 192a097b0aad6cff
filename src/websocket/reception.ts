import type { WebSocketConnection } from "./upgrade.ts";

/** Counts what is in memory of messages that have begun to come in and are not whole yet. */
export class MessageReception {
  #bytes = 0;

  /** Bytes of unfinished messages of all connections. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Counts a connection's bytes as they come in; `grown` is called after each of its pieces. */
  watch({ socket, transport }: WebSocketConnection, grown: () => void): void {
    let unfinished = 0;
    const finish = () => {
      this.#bytes -= unfinished;
      unfinished = 0;
    };
    transport.on("data", (chunk: Buffer) => {
      // What comes after the end is thrown away.
      if (socket.readyState !== socket.OPEN) return finish();
      unfinished += chunk.length;
      this.#bytes += chunk.length;
      grown();
      if (socket.readyState !== socket.OPEN) finish();
    });
    for (const whole of ["message", "ping", "pong", "close"] as const) socket.on(whole, finish);
  }
}
