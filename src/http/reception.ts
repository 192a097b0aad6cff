import { full, type Refusal } from "./problem.ts";

/** Counts the bytes of all bodies that are being received, so that many together do not fill the memory. */
export class Reception {
  readonly #most: number;
  #used = 0;

  constructor(most: number) {
    this.#most = most;
  }

  get used(): number {
    return this.#used;
  }

  /** Whether a body of so many bytes would fit now. */
  fits(bytes: number): boolean {
    return this.#used + bytes <= this.#most;
  }

  /** Counts bytes that have come; false when there is no room for them: they are not counted then. */
  take(bytes: number): boolean {
    if (!this.fits(bytes)) return false;
    this.#used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.#used -= bytes;
  }

  full(): Refusal {
    return full(`Other requests are being received, ${this.#used} bytes so far; send this one again in a second.`);
  }
}
