import type { WebSocket } from "ws";
import type { Clock } from "../clock.ts";
import type { Offer, Reading } from "../plugin.ts";

/** Maximum number of unsettled readings: even a small one costs the host some memory. */
const mostUnsettled = 2_048;
/** How often to offer held readings again, in milliseconds. */
const retryInterval = 10;

export interface MessageIntakeOptions {
  readonly offer: (reading: Reading) => Offer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Offers readings to the host. When it has no room, they are held in order and their connection is paused, so that further
 * messages stay in the buffers of the sender.
 */
export class MessageIntake {
  readonly #options: MessageIntakeOptions;
  readonly #held = new Map<WebSocket, Reading[]>();
  #unsettled = 0;
  #heldBytes = 0;
  #isRetrying = false;
  #idle: (() => void)[] = [];

  constructor(options: MessageIntakeOptions) {
    this.#options = options;
  }

  /** Total bytes of the held readings. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Whether nothing is held, and everything accepted is settled. */
  get isIdle(): boolean {
    return this.#unsettled === 0 && this.#held.size === 0;
  }

  /** Offers a reading once. */
  offer(reading: Reading): Offer {
    if (this.#unsettled >= mostUnsettled) return "full";
    const settled: Reading["settled"] = (outcome) => {
      this.#unsettled--;
      reading.settled?.(outcome);
      if (this.#unsettled === 0) for (const wake of this.#idle.splice(0)) wake();
    };
    this.#unsettled++;
    // The host may settle it before `offer` returns.
    const answer = this.#options.offer({ ...reading, settled });
    if (answer === "full") this.#unsettled--;
    return answer;
  }

  /** Offers a reading until it is accepted; meanwhile its connection is paused. */
  take(socket: WebSocket, reading: Reading): void {
    const held = this.#held.get(socket);
    if (!held && this.offer(reading) === "accepted") return;
    if (held) held.push(reading);
    else {
      socket.pause();
      this.#held.set(socket, [reading]);
    }
    this.#heldBytes += reading.bytes.length;
    if (!this.#isRetrying) void this.#retry();
  }

  /** Whether it holds readings of this connection. */
  holds(socket: WebSocket): boolean {
    return this.#held.has(socket);
  }

  /** Resolves when everything accepted is settled. */
  settled(): Promise<void> {
    return this.#unsettled === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  async #retry(): Promise<void> {
    const { clock, signal } = this.#options;
    this.#isRetrying = true;
    while (this.#held.size > 0 && !signal.aborted) {
      await clock.sleep(retryInterval, signal);
      for (const [socket, held] of this.#held) if (!this.#offerHeld(socket, held)) break;
    }
    this.#isRetrying = false;
  }

  /** False when the host has no more room. */
  #offerHeld(socket: WebSocket, held: Reading[]): boolean {
    let taken = 0;
    while (taken < held.length && this.offer(held[taken]!) === "accepted") {
      this.#heldBytes -= held[taken]!.bytes.length;
      taken++;
    }
    held.splice(0, taken);
    if (held.length > 0) return false;
    this.#held.delete(socket);
    socket.resume();
    return true;
  }
}
