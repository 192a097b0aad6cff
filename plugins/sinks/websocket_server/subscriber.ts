import type { Delivery, KqlPredicate } from "weir";
import type { ClientSocket } from "weir/websocket";

export interface SubscriberLimits {
  /** Events that wait at most, and their bytes. */
  readonly queue: number;
  readonly queue_size: number;
}

/** What may be on its way in the socket before events wait in the queue, in bytes. */
const mostUnsent = 256 * 1024;

/** One who listens: gets the events that match, in order, and word of how many were left out where it was too slow. */
export class Subscriber {
  readonly #socket: ClientSocket;
  readonly #matches: KqlPredicate;
  readonly #limits: SubscriberLimits;
  #queue: string[] = [];
  /** Index in the queue of the next one to be sent. */
  #next = 0;
  #bytes = 0;
  #missed = 0;

  constructor(socket: ClientSocket, matches: KqlPredicate, limits: SubscriberLimits) {
    this.#socket = socket;
    this.#matches = matches;
    this.#limits = limits;
  }

  /** Never waits: sends the event, queues it, or leaves it out. */
  show(event: Delivery): void {
    if (this.#socket.readyState !== this.#socket.OPEN || !this.#matches(event.data)) return;
    // Once it has missed something it misses all until it has caught up: one gap, and not many small ones.
    if (this.#missed > 0) this.#missed++;
    else if (this.#waiting === 0 && this.#canSend) this.#send(event.json);
    else if (this.#fits(event.json)) this.#hold(event.json);
    else this.#missed = 1;
  }

  #fits(text: string): boolean {
    const { queue, queue_size } = this.#limits;
    return this.#waiting < queue && this.#bytes + text.length <= queue_size;
  }

  #hold(text: string): void {
    this.#queue.push(text);
    this.#bytes += text.length;
  }

  get #waiting(): number {
    return this.#queue.length - this.#next;
  }

  get #canSend(): boolean {
    return this.#socket.bufferedAmount < mostUnsent;
  }

  #send(text: string): void {
    this.#socket.send(text, () => this.#goOn());
  }

  /** Something has left the socket. */
  #goOn(): void {
    while (this.#waiting > 0 && this.#canSend) {
      const text = this.#queue[this.#next++]!;
      this.#bytes -= text.length;
      this.#send(text);
    }
    if (this.#waiting > 0 || !this.#canSend) return;
    this.#queue = [];
    this.#next = 0;
    if (this.#missed === 0) return;
    const missed = this.#missed;
    this.#missed = 0;
    this.#send(JSON.stringify({ missed }));
  }
}
