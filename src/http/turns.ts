import { full } from "./problem.ts";

/** Works on one body at a time. */
export class Turns {
  readonly #most: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `most`: the most bytes of bodies that wait for their turn or have it. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves as `work` does, which begins when all earlier work has ended; rejects with a `Refusal`, 429, if too much waits. */
  async run<T>(bytes: number, work: () => Promise<T>): Promise<T> {
    if (this.#waiting > 0 && this.#waiting + bytes > this.#most)
      throw full("weir is decoding other requests. Send this one again in a second.");
    this.#waiting += bytes;
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    try {
      return await result;
    } finally {
      this.#waiting -= bytes;
    }
  }
}
