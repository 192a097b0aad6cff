/** What a framing that needs a whole stream has of it so far. */
export class Body {
  readonly #keep: number;
  readonly #parts: Buffer[] = [];
  #start: number;
  #length = 0;

  /** `keep`: how many bytes are of use; `position`: offset in the stream of the first byte that will be pushed. */
  constructor(keep: number, position: number) {
    this.#keep = keep;
    this.#start = position;
  }

  /** Where it begins in the stream: it is whole only at the end. */
  get start(): number {
    return this.#start;
  }

  push(block: Buffer, position: number): void {
    if (this.#length === 0) this.#start = position;
    if (this.#length <= this.#keep) this.#parts.push(Buffer.from(block));
    this.#length += block.length;
  }

  /** All of it, or as much as is of use, and how long it was; the next one begins behind it. */
  take(): { readonly bytes: Buffer; readonly position: number; readonly length: number } {
    const bytes = this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts);
    const [position, length] = [this.#start, this.#length];
    this.#parts.length = 0;
    this.#length = 0;
    this.#start += length;
    return { bytes, position, length };
  }
}
