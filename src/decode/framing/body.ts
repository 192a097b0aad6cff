/** Collects a stream for a framing that needs all of it. */
export class Body {
  readonly #keep: number;
  readonly #parts: Buffer[] = [];
  #start: number;
  #length = 0;

  /** `keep`: how many bytes to keep; `position`: offset in the stream of the first byte that will be pushed. */
  constructor(keep: number, position: number) {
    this.#keep = keep;
    this.#start = position;
  }

  /** Where it starts in the stream. It is complete only at the end. */
  get start(): number {
    return this.#start;
  }

  push(block: Buffer, position: number): void {
    if (this.#length === 0) this.#start = position;
    if (this.#length <= this.#keep) this.#parts.push(Buffer.from(block));
    this.#length += block.length;
  }

  /** The bytes that were kept, and the full length. The next body starts after it. */
  take(): { readonly bytes: Buffer; readonly position: number; readonly length: number } {
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    const [position, length] = [this.#start, this.#length];
    this.#parts.length = 0;
    this.#length = 0;
    this.#start += length;
    return { bytes, position, length };
  }
}
