import type { WebSocket } from "ws";
import type { Clock } from "../clock.ts";

/** Number of unanswered pings after which the other side counts as gone. */
const patience = 2;

/** Pings the other side of each connection, and terminates the connections that do not answer. */
export class Heartbeat {
  readonly #silent = new Map<WebSocket, number>();

  /** Pings every `interval` milliseconds until `signal` aborts. */
  async run(interval: number, clock: Clock, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await clock.sleep(interval, signal);
      if (!signal.aborted) this.#round();
    }
  }

  watch(socket: WebSocket): void {
    const isAlive = () => void this.#silent.set(socket, 0);
    isAlive();
    for (const sign of ["message", "ping", "pong"] as const) socket.on(sign, isAlive);
    socket.once("close", () => this.#silent.delete(socket));
  }

  #round(): void {
    for (const [socket, rounds] of this.#silent) {
      // The pong of a paused connection cannot arrive.
      if (socket.isPaused) this.#silent.set(socket, 0);
      else if (rounds >= patience) socket.terminate();
      else {
        this.#silent.set(socket, rounds + 1);
        if (socket.readyState === socket.OPEN) socket.ping();
      }
    }
  }
}
