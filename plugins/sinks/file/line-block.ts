import type { Delivery } from "weir";

const newline = 10;
const smallest = 64 * 1024;
/** A larger block is not kept for the next write. */
const largest = 8 * 1024 * 1024;

/** The lines of a write, in memory that the next write uses again. */
export class LineBlock {
  #block = Buffer.allocUnsafeSlow(smallest);
  #used = 0;

  /** Forgets the lines of the write before. */
  clear(): void {
    this.#used = 0;
    if (this.#block.length > largest) this.#block = Buffer.allocUnsafeSlow(smallest);
  }

  /** Adds the lines of these events. What was returned before stays as it is. */
  add(events: readonly Delivery[], indexes: readonly number[]): Uint8Array {
    let from = this.#used;
    for (const index of indexes) {
      const event = events[index]!;
      const { bytes } = event;
      const most = bytes ? bytes.length : event.json.length * 3;
      if (this.#block.length - this.#used <= most) from = this.#grow(from, most + 1);
      if (bytes) {
        this.#block.set(bytes, this.#used);
        this.#used += bytes.length;
      } else this.#used += this.#block.write(event.json, this.#used, "utf8");
      this.#block[this.#used++] = newline;
    }
    return this.#block.subarray(from, this.#used);
  }

  /** Continues in a larger block, with the bytes from `from` on. Returns where these are. */
  #grow(from: number, bytes: number): number {
    const begun = this.#block.subarray(from, this.#used);
    this.#block = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(begun.length + bytes) + 1));
    this.#block.set(begun);
    this.#used = begun.length;
    return 0;
  }
}
