import { full, type Refusal } from "./problem.ts";

/** Counts the bytes of all bodies that are being received, so that many at once do not fill the memory. */
export class Reception {
  readonly #most: number;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether a body of this size fits at the moment. */
  fits(bytes: number): boolean {
    return this.#used + bytes <= this.#most;
  }

  /** Counts received bytes; false, and nothing counted, when they do not fit. */
  take(bytes: number): boolean {
    if (!this.fits(bytes)) return false;
    this.#used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#used -= bytes;
  }

  full(): Refusal {
    return full(`Other requests being received take ${this.#used} bytes already; send this one again in a second.`);
  }
}
