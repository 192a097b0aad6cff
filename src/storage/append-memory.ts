import type { CommitRequest } from "./committer.ts";

const smallest = 16 * 1024;
/** What is kept for later requests at most, in bytes. */
const mostKept = 8 * 1024 * 1024;

/**
 * The memory for bytes to append. It moves to the writer thread with a request and comes back with the answer: fresh memory for
 * each request would have to be touched for the first time, page by page.
 */
export class AppendMemory {
  #kept: ArrayBuffer[] = [];
  /** What was handed out contains nothing else, so it can move. */
  readonly #lent = new WeakSet<ArrayBuffer>();

  /** Room for this many bytes, with any content. */
  room(bytes: number): Uint8Array {
    const fits = this.#kept.findLastIndex(({ byteLength }) => byteLength >= bytes);
    const [kept] = fits < 0 ? [] : this.#kept.splice(fits, 1);
    const buffer = kept ?? new ArrayBuffer(Math.max(smallest, 2 ** Math.ceil(Math.log2(bytes))));
    this.#lent.add(buffer);
    return new Uint8Array(buffer, 0, bytes);
  }

  /** The memory of the request that was handed out here: it moves to the thread. Other bytes are copied. */
  lentIn({ appends }: CommitRequest): ArrayBuffer[] {
    return appends.flatMap(({ bytes: { buffer } }) =>
      buffer instanceof ArrayBuffer && this.#lent.has(buffer) ? [buffer] : [],
    );
  }

  /** Keeps what comes back from the thread, the large ones before the small ones. */
  takeBack(memory: readonly ArrayBuffer[]): void {
    let left = mostKept;
    const all = [...this.#kept, ...memory].sort((a, b) => b.byteLength - a.byteLength);
    this.#kept = all.filter(({ byteLength }) => {
      if (byteLength > left) return false;
      left -= byteLength;
      return true;
    });
  }
}
