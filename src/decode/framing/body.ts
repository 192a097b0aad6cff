import { headBytes, type Records, type StreamFraming } from "./framing.ts";

/** A framing that needs a stream as a whole: it collects the bytes, and cuts them when the stream ends. */
export abstract class BodyFraming implements StreamFraming {
  readonly #limit: number;
  readonly #parts: Buffer[] = [];
  #start: number;
  #length = 0;

  /** `limit`: largest stream in bytes; `position`: offset in the stream of the first byte that will be pushed. */
  constructor(limit: number, position: number) {
    this.#limit = limit;
    this.#start = position;
  }

  /** Passes on the records of a stream that starts at `position`. It is not empty. */
  protected abstract cut(body: Buffer, position: number, records: Records): Iterable<void>;

  readonly portion = Number.POSITIVE_INFINITY;

  /** Where the stream starts: records are passed on only at its end. */
  get reached(): number {
    return this.#start;
  }

  push(block: Buffer, position: number): void {
    // Of a stream beyond the limit, only the head is needed.
    if (this.#length <= Math.max(this.#limit, headBytes)) this.hold(Buffer.from(block), position);
    else this.#length += block.length;
  }

  /** The same for bytes that stay as they are until the end of the stream. */
  hold(block: Buffer, position: number): void {
    if (this.#length === 0) this.#start = position;
    this.#parts.push(block);
    this.#length += block.length;
  }

  *end(records: Records): Generator<void> {
    const body = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    const [position, length] = [this.#start, this.#length];
    this.#parts.length = 0;
    this.#length = 0;
    this.#start += length;
    if (length > this.#limit) records.oversize({ position, length, head: Buffer.from(body.subarray(0, headBytes)) });
    else if (length > 0) yield* this.cut(body, position, records);
  }
}
