/** Less than this is not worth keeping. */
const smallest = 16 * 1024;
/** What is kept at most, in bytes. */
const mostKept = 8 * 1024 * 1024;

/**
 * The memory of frames that wait for their commit. It is used again: V8 collects garbage after so many bytes of new buffers,
 * however few objects there are, and fresh memory has to be touched for the first time, page by page.
 */
class FrameMemory {
  #kept: ArrayBuffer[] = [];
  #keptBytes = 0;
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** Room for this many bytes, with any content. */
  room(bytes: number): Buffer {
    if (bytes < smallest) return Buffer.allocUnsafe(bytes);
    const fits = this.#kept.findLastIndex(({ byteLength }) => byteLength >= bytes);
    const [kept] = fits < 0 ? [] : this.#kept.splice(fits, 1);
    if (kept) this.#keptBytes -= kept.byteLength;
    const buffer = kept ?? new ArrayBuffer(2 ** Math.ceil(Math.log2(bytes)));
    this.#lent.add(buffer);
    return Buffer.from(buffer, 0, bytes);
  }

  /** Takes back what `room` returned, when nobody reads it any more. Anything else is left alone. */
  free({ buffer }: Buffer): void {
    if (!(buffer instanceof ArrayBuffer) || !this.#lent.delete(buffer)) return;
    if (this.#keptBytes + buffer.byteLength > mostKept) return;
    this.#kept.push(buffer);
    this.#keptBytes += buffer.byteLength;
  }
}

/** Of all frames in this thread. */
export const frameMemory = new FrameMemory();
