import { full, Refusal } from "./problem.ts";

/** A body that is slower than this many bytes per second may be ended when others need its memory. */
const slowest = 16 * 1024;
/** Over how long the speed of a body is measured, in milliseconds. */
const span = 1000;

/**
 * Counts the bytes of all bodies that are being received, so that many at once do not fill the memory. When there is no
 * room for more, the slowest bodies are ended: otherwise a few clients that stop in the middle could lock out all others.
 */
export class Reception {
  readonly #most: number;
  readonly #bodies = new Set<Incoming>();
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  /** Begins to count a body. `end` is called to end it because it is too slow. */
  begin(end: (refusal: Refusal) => void): Incoming {
    const body: Incoming = new Incoming({
      take: (bytes) => this.#take(bytes, body),
      release: (bytes) => {
        this.#bodies.delete(body);
        this.#used -= bytes;
      },
      end,
    });
    this.#bodies.add(body);
    return body;
  }

  /** Whether a body of this size fits at the moment. Ends slow bodies if that makes room. */
  fits(bytes: number): boolean {
    if (this.#used + bytes <= this.#most) return true;
    const now = performance.now();
    const slow = [...this.#bodies].map((body) => ({ body, speed: body.speed(now) }));
    for (const { body } of slow.filter(({ speed }) => speed < slowest).sort((a, b) => a.speed - b.speed)) {
      body.end();
      if (this.#used + bytes <= this.#most) return true;
    }
    return false;
  }

  full(): Refusal {
    return full(`Other requests being received take ${this.#used} bytes already; send this one again in a second.`);
  }

  #take(bytes: number, body: Incoming): boolean {
    // It must not end itself.
    this.#bodies.delete(body);
    const isFitting = this.fits(bytes);
    this.#bodies.add(body);
    if (isFitting) this.#used += bytes;
    return isFitting;
  }
}

interface Counting {
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

  /** Ends the body, because it is too slow. */
  end(): void {
    this.release();
    this.#counting.end(
      new Refusal(408, "The request arrived too slowly while other requests needed the memory; send it again.", {
        Connection: "close",
      }),
    );
  }

  release(): void {
    this.#counting.release(this.#bytes);
    this.#bytes = 0;
  }
}
