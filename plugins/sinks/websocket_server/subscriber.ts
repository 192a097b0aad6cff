import type { Delivery } from "weir";
import type { ClientSocket } from "weir/websocket";
import type { Member, Verdict } from "./audience.ts";
import type { Filter } from "./filter.ts";

export interface SubscriberLimits {
  /** Maximum number of waiting events, and of their bytes. */
  readonly queue: number;
  readonly queue_size: number;
}

/** Bytes that may be buffered in the socket before events wait in the queue. */
const mostUnsent = 256 * 1024;

/** A connected client: receives matching events in order, and the number of events that it missed when it was too slow. */
export class Subscriber implements Member {
  readonly #socket: ClientSocket;
  readonly #filter: Filter | undefined;
  readonly #limits: SubscriberLimits;
  #queue: string[] = [];
  /** Index in the queue of the next event to send. */
  #next = 0;
  #bytes = 0;
  #missed = 0;

  constructor(socket: ClientSocket, filter: Filter | undefined, limits: SubscriberLimits) {
    this.#socket = socket;
    this.#filter = filter;
    this.#limits = limits;
  }

  /** Applies the query. */
  judge(event: Delivery): Verdict {
    if (!this.#filter || !this.#isOpen) return this.#isOpen ? "wanted" : "unwanted";
    if (!this.#filter.fits(event)) return "unknown";
    return this.#filter.matches(event.data, event.meta.ingested) ? "wanted" : "unwanted";
  }

  /** Sends the event, queues it or skips it; never waits. */
  show(event: Delivery, verdict: Verdict): void {
    if (verdict === "unwanted" || !this.#isOpen) return;
    if (verdict === "unknown") {
      this.miss(1);
      return;
    }
    // After the first missed event it misses all until it has caught up: one gap instead of many small ones.
    if (this.#missed > 0) this.#missed++;
    else if (this.#waiting === 0 && this.#canSend) this.#send(event.json);
    else if (this.#fits(event.json)) this.#hold(event.json);
    else this.#missed = 1;
  }

  /** It misses so many events, whether it would have wanted them or not. */
  miss(count: number): void {
    if (count === 0) return;
    this.#missed += count;
    if (this.#isOpen) this.#goOn();
  }

  get #isOpen(): boolean {
    return this.#socket.readyState === this.#socket.OPEN;
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

  /** The socket has sent something. */
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
