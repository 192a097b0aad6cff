import type { Clock } from "../clock.ts";
import { DigestReading } from "../digest-reading.ts";
import { Shares } from "../http/shares.ts";
import type { Offer, Reading } from "../plugin.ts";

/** Maximum number of unsettled readings: even a small one costs the host some memory. Clients share it equally. */
const mostUnsettled = 2_048;
/** How often to offer held readings again, in milliseconds. */
const retryInterval = 10;

export interface MessageIntakeOptions {
  readonly offer: (reading: Reading) => Offer;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Counts the bytes of held readings, and of what else is in memory of the clients. */
  readonly memory?: Shares;
}

/** A connection from which nothing more is read for a while. */
export interface Pausable {
  pause(): unknown;
  resume(): unknown;
}

/** Where a reading comes from. */
export interface Sender {
  readonly socket: Pausable;
  /** Whose connection it is; see `clientOf`. */
  readonly client: string;
}

/**
 * Offers readings to the host. When it has no room, they are held in order and their connection is paused, so that further
 * messages stay in the buffers of the sender.
 *
 * What is unsettled is bounded. A reading of a client within its share is offered even when others have taken everything,
 * since those cannot be taken back: `n` clients have at most `1 + 1/2 + … + 1/n` times the bound.
 */
export class MessageIntake {
  readonly #options: MessageIntakeOptions;
  readonly #held = new Map<Pausable, { readonly sender: Sender; readonly readings: Reading[] }>();
  readonly #unsettled = new Shares(mostUnsettled);
  #isRetrying = false;
  #idle: (() => void)[] = [];

  constructor(options: MessageIntakeOptions) {
    this.#options = options;
  }

  /** Whether nothing is held, and everything accepted is settled. */
  get isIdle(): boolean {
    return this.#unsettled.total === 0 && this.#held.size === 0;
  }

  /** Offers a reading once. */
  offer({ client }: Sender, reading: Reading): Offer {
    if (!this.#hasRoom(client)) return "full";
    const settled: Reading["settled"] = (outcome) => {
      this.#unsettled.release(client, 1);
      reading.settled?.(outcome);
      if (this.#unsettled.total === 0) for (const wake of this.#idle.splice(0)) wake();
    };
    this.#unsettled.take(client, 1);
    // The host may settle it before `offer` returns.
    const answer = this.#options.offer(
      reading instanceof DigestReading ? reading.settledBy(settled) : { ...reading, settled },
    );
    if (answer === "full") this.#unsettled.release(client, 1);
    return answer;
  }

  /** Offers a reading until it is accepted; meanwhile its connection is paused. */
  take(sender: Sender, reading: Reading): void {
    const { socket } = sender;
    const held = this.#held.get(socket);
    if (!held && this.offer(sender, reading) === "accepted") return;
    if (held) held.readings.push(reading);
    else {
      socket.pause();
      this.#held.set(socket, { sender, readings: [reading] });
    }
    this.#options.memory?.take(sender.client, reading.bytes.length);
    if (!this.#isRetrying) void this.#retry();
  }

  /** Whether it holds readings of this connection. */
  holds(socket: Pausable): boolean {
    return this.#held.has(socket);
  }

  /** Resolves when everything accepted is settled. */
  settled(): Promise<void> {
    return this.#unsettled.total === 0 ? Promise.resolve() : new Promise((resolve) => this.#idle.push(resolve));
  }

  #hasRoom(client: string): boolean {
    return this.#unsettled.hasRoom(1) || this.#unsettled.isWithin(client, 1);
  }

  async #retry(): Promise<void> {
    const { clock, signal } = this.#options;
    this.#isRetrying = true;
    while (this.#held.size > 0 && !signal.aborted) {
      await clock.sleep(retryInterval, signal);
      for (const { sender, readings } of this.#held.values()) {
        this.#offerHeld(sender, readings);
        // The host has no more room; otherwise the client has more than its share, and others are offered.
        if (readings.length > 0 && this.#hasRoom(sender.client)) break;
      }
    }
    this.#isRetrying = false;
  }

  #offerHeld(sender: Sender, held: Reading[]): void {
    let taken = 0;
    while (taken < held.length && this.offer(sender, held[taken]!) === "accepted") {
      this.#options.memory?.release(sender.client, held[taken]!.bytes.length);
      taken++;
    }
    held.splice(0, taken);
    if (held.length > 0) return;
    this.#held.delete(sender.socket);
    sender.socket.resume();
  }
}
