import { Body } from "./body.ts";
import { headBytes, type Records, type StreamFraming } from "./framing.ts";

/** One stream is one record, which is collected until the stream ends. Its limit works as in `NewlineFraming`. */
export class WholeFraming implements StreamFraming {
  readonly #limit: number;
  readonly #body: Body;

  constructor(limit: number, position: number) {
    this.#limit = limit;
    // Beyond the limit only the head is needed.
    this.#body = new Body(Math.max(limit, headBytes), position);
  }

  /** Where the open record starts: it is complete only at the end of the stream. */
  get reached(): number {
    return this.#body.start;
  }

  push(block: Buffer, position: number): void {
    this.#body.push(block, position);
  }

  end(records: Records): void {
    const { bytes, position, length } = this.#body.take();
    if (length > this.#limit) records.oversize({ position, length, head: Buffer.from(bytes.subarray(0, headBytes)) });
    else if (length > 0) records.record(bytes, 0, bytes.length, position);
  }
}
