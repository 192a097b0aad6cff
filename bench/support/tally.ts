import type { LoadResult } from "./load.ts";
import { quantile } from "./measure.ts";

/** Counts what the clients of a load are answered. */
export class Tally {
  readonly #start = performance.now();
  readonly #end: number;
  readonly #waited: number[] = [];
  #bytes = 0;
  refused = 0;

  constructor(seconds: number) {
    this.#end = this.#start + seconds * 1000;
  }

  get isOver(): boolean {
    return performance.now() >= this.#end;
  }

  /** Of a request with a body of this size that was sent at a time. */
  answered(sent: number, size: number): void {
    this.#waited.push(performance.now() - sent);
    this.#bytes += size;
  }

  result(): LoadResult {
    return {
      requests: this.#waited.length,
      bytes: this.#bytes,
      refused: this.refused,
      seconds: (performance.now() - this.#start) / 1000,
      p50: quantile(this.#waited, 0.5),
      p99: quantile(this.#waited, 0.99),
    };
  }
}
