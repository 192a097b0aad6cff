/** The largest body whose memory is used again, and how much of it is kept for the next bodies, in bytes. */
const largest = 1024 * 1024;
const mostKept = 8 * largest;
/** Memory is taken in multiples of this, so that it suits more bodies. */
const unit = 64 * 1024;

/**
 * Memory for bodies, used again for the next ones: to touch new memory, and to have it collected, would take longer than to
 * scan what is in it.
 */
export class BodyMemory {
  readonly #free: Buffer[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();
  #kept = 0;

  /** Memory for a body of this length, whose content is anything. */
  room(length: number): Buffer {
    const block = this.#take(length);
    this.#lent.add(block.buffer);
    return block.subarray(0, length);
  }

  /** Takes back a body that is in such memory, and that nobody reads any more. */
  takeBack({ buffer }: Buffer): void {
    const { byteLength } = buffer;
    if (!this.#lent.delete(buffer) || byteLength > largest || this.#kept + byteLength > mostKept) return;
    this.#free.push(Buffer.from(buffer));
    this.#kept += byteLength;
  }

  #take(length: number): Buffer {
    const index = this.#free.findIndex((one) => one.length >= length);
    if (index < 0) return Buffer.allocUnsafeSlow(length > largest ? length : Math.ceil(length / unit) * unit);
    const block = this.#free.splice(index, 1)[0]!;
    this.#kept -= block.length;
    return block;
  }
}
