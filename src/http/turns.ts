import { full } from "./problem.ts";

/** Works on one body at a time. */
export class Turns {
  readonly #most: number;
  #waiting = 0;
  #last: Promise<unknown> = Promise.resolve();

  /** `most`: how many bytes the running and waiting bodies may have together. */
  constructor(most: number) {
    this.#most = most;
  }

  /** Runs `work` when all earlier work has ended, and resolves as it does. Rejects with a `Refusal`, 429, if too much is waiting. */
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
