/** A chunk below this size is copied: it may be a few bytes of a large buffer, and costs more than it counts. */
const smallChunk = 16 * 1024;

const nothing = Buffer.alloc(0);

/** Collects the chunks of a body. However it is cut, the memory that it takes is about its length. */
export class Parts {
  readonly #parts: Buffer[] = [];
  /** Copies of small chunks, and how much of it is used. */
  #block = nothing;
  #used = 0;
  #length = 0;
  readonly #expected: number;

  /** `expected`: the length that the whole will have, if that is known. */
  constructor(expected = Number.NaN) {
    this.#expected = expected;
  }

  get length(): number {
    return this.#length;
  }

  add(chunk: Buffer): void {
    this.#length += chunk.length;
    if (chunk.length >= smallChunk || chunk.length === this.#expected) {
      this.#close();
      this.#parts.push(chunk);
      return;
    }
    if (this.#used + chunk.length > this.#block.length) {
      this.#close();
      this.#block = Buffer.allocUnsafe(Math.max(chunk.length, Math.min(this.#length, 4 * smallChunk)));
    }
    this.#used += chunk.copy(this.#block, this.#used);
  }

  joined(): Buffer {
    this.#close();
    return this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts, this.#length);
  }

  /** Ends the current block. */
  #close(): void {
    if (this.#used > 0) this.#parts.push(this.#block.subarray(0, this.#used));
    this.#block = nothing;
    this.#used = 0;
  }
}
