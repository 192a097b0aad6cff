import type { BodyMemory } from "./body-memory.ts";

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

  /** The whole. If it is joined in a memory for bodies, the chunks must not be used any more. */
  joined(memory?: BodyMemory): Buffer {
    this.#close();
    if (this.#parts.length === 1) return this.#parts[0]!;
    const whole = memory?.room(this.#length) ?? Buffer.allocUnsafeSlow(this.#length);
    let at = 0;
    for (const part of this.#parts) {
      at += part.copy(whole, at);
      if (memory) free(part);
    }
    return whole;
  }

  /** Ends the current block. */
  #close(): void {
    if (this.#used > 0) this.#parts.push(this.#block.subarray(0, this.#used));
    this.#block = nothing;
    this.#used = 0;
  }
}

/** Frees the memory of a chunk that has it for itself. Otherwise it would be there until much more of it has to be collected. */
const free = ({ buffer, length }: Buffer): void => {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === length) buffer.transfer(0);
};
