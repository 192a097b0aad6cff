import type { WebSocket } from "ws";
import type { Clock } from "../clock.ts";
import type { Offer, Reading } from "../plugin.ts";

/** Readings under way at most: small ones weigh little in bytes, and each costs the host some memory all the same. */
const mostUnsettled = 2_048;
/** How often the host is asked again whether there is room, in milliseconds. */
const retryInterval = 10;

export interface MessageIntakeOptions {
  readonly offer: (reading: Reading) => Offer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * Hands readings to the host. Those that it has no room for are held, in order, and their connection is paused: what
 * the other side still sends stays in its own buffers.
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

  /** Bytes of the readings that are held. */
  get heldBytes(): number {
    return this.#heldBytes;
  }

  /** Nothing is held, and the host has told of everything that it has. */
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
    // It may be settled before `offer` returns.
    const answer = this.#options.offer({ ...reading, settled });
    if (answer === "full") this.#unsettled--;
    return answer;
  }

  /** Offers a reading until it is taken; its connection is paused for as long. */
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

  /** Whether readings of this connection are held. */
  holds(socket: WebSocket): boolean {
    return this.#held.has(socket);
  }

  /** Resolves when the host has told of everything that it has. */
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

  /** False as soon as there is no room. */
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
