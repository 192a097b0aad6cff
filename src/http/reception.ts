import { full, Refusal } from "./problem.ts";
import { Shares } from "./shares.ts";

/** A body that is slower than this many bytes per second may be ended when others need its memory. */
export const slowest = 16 * 1024;
/** Over how long the speed of a body is measured, in milliseconds. */
const span = 500;

/**
 * Counts the bytes of all bodies that are being received, so that many at once do not fill the memory. When there is no
 * room for more, slow bodies are ended, and then bodies of the client that has the most, if that is more than its share:
 * otherwise a few clients could lock out all others.
 */
export class Reception {
  readonly #shares: Shares;
  readonly #bodies = new Set<Incoming>();

  constructor(most: number) {
    this.#shares = new Shares(most);
  }

  /** Begins to count a body of a client. `end` is called to end it because others need the memory. */
  begin(client: string, end: (refusal: Refusal) => void): Incoming {
    const body: Incoming = new Incoming({
      client,
      take: (bytes) => this.#take(bytes, body),
      release: (bytes) => {
        this.#bodies.delete(body);
        this.#shares.release(client, bytes);
      },
      end,
    });
    this.#bodies.add(body);
    return body;
  }

  /** Whether a client may begin to send a body of this size. Ends slow bodies if that makes room. */
  fits(bytes: number, client: string): boolean {
    // Within its share, others are ended for it as its bytes arrive.
    return this.#hasRoom(bytes) || this.#shares.isWithin(client, bytes);
  }

  /** Ends all bodies that are not complete. */
  endAll(refusal: () => Refusal): void {
    for (const body of [...this.#bodies]) if (!body.isComplete) body.end(refusal());
  }

  full(): Refusal {
    const { total } = this.#shares;
    return full(`Other requests being received take ${total} bytes already; send this one again in a second.`);
  }

  #take(bytes: number, body: Incoming): boolean {
    if (this.#shares.hasRoom(bytes)) {
      this.#shares.take(body.client, bytes);
      return true;
    }
    // It must not end itself.
    this.#bodies.delete(body);
    const isFitting = this.#hasRoom(bytes) || this.#hasShare(bytes, body);
    this.#bodies.add(body);
    if (isFitting) this.#shares.take(body.client, bytes);
    return isFitting;
  }

  #hasRoom(bytes: number): boolean {
    if (this.#shares.hasRoom(bytes)) return true;
    const now = performance.now();
    const slow = [...this.#bodies].map((body) => ({ body, speed: body.speed(now) }));
    for (const { body } of slow.filter(({ speed }) => speed < slowest).sort((a, b) => a.speed - b.speed)) {
      body.end(tooSlow());
      if (this.#shares.hasRoom(bytes)) return true;
    }
    return false;
  }

  /** Ends bodies of clients that have more than their share, for one that has not. */
  #hasShare(bytes: number, { client }: Incoming): boolean {
    while (!this.#shares.hasRoom(bytes)) {
      if (!this.#shares.isWithin(client, bytes)) return false;
      // It has more than its share: otherwise there would be room.
      const greediest = this.#shares.greediest();
      const isVictim = (body: Incoming) => body.bytes > 0 && !body.isComplete && body.client === greediest;
      const victim = [...this.#bodies].findLast(isVictim);
      if (!victim) return false;
      victim.end(overShare());
    }
    return true;
  }
}

const tooSlow = () =>
  new Refusal(408, "The request arrived too slowly while other requests needed the memory; send it again.", {
    Connection: "close",
  });

const overShare = () =>
  new Refusal(429, "Your requests take more than your share of the memory, and others need it; send this one again.", {
    "Retry-After": "1",
    Connection: "close",
  });

interface Counting {
  /** Who sends it. */
  readonly client: string;
  readonly take: (bytes: number) => boolean;
  readonly release: (bytes: number) => void;
  readonly end: (refusal: Refusal) => void;
}

/** The bytes of one body that is being received. */
export class Incoming {
  readonly #counting: Counting;
  #bytes = 0;
  /** When the current measurement began, and with how many bytes. */
  #from = { at: performance.now(), bytes: 0 };
  #lastAt = this.#from.at;
  /** The result of the last measurement. */
  #measured = Number.POSITIVE_INFINITY;
  #isComplete = false;

  constructor(counting: Counting) {
    this.#counting = counting;
  }

  get client(): string {
    return this.#counting.client;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** Counts received bytes; false, and nothing counted, when they do not fit. */
  take(bytes: number): boolean {
    if (!this.#counting.take(bytes)) return false;
    this.#bytes += bytes;
    const now = performance.now();
    this.#lastAt = now;
    const elapsed = now - this.#from.at;
    if (elapsed >= span) {
      this.#measured = ((this.#bytes - this.#from.bytes) * 1000) / elapsed;
      this.#from = { at: now, bytes: this.#bytes };
    }
    return true;
  }

  /** Its latest speed in bytes per second; infinite while it is new, and when all of it is here. */
  speed(now: number): number {
    if (this.#isComplete) return Number.POSITIVE_INFINITY;
    return now - this.#lastAt >= span ? 0 : this.#measured;
  }

  /** All of it is here: it does not depend on its client any more. */
  complete(): void {
    this.#isComplete = true;
  }

  /** Ends the body, because others need its memory. */
  end(refusal: Refusal): void {
    this.release();
    this.#counting.end(refusal);
  }

  release(): void {
    this.#counting.release(this.#bytes);
    this.#bytes = 0;
  }
}
