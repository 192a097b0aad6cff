import type { FileHandle } from "node:fs/promises";

interface Ahead {
  readonly handle: FileHandle;
  readonly from: number;
  /** How many bytes were read; 0 after an error, because the next read then tries again and reports it. */
  readonly length: Promise<number>;
}

/**
 * Reads files in blocks. While one block is processed, the next block of the same file is read into a second buffer, so
 * that catching up does not wait for the disk.
 */
export class ReadAhead {
  readonly size: number;
  readonly #overlap: number;
  #block: Buffer;
  #spare: Buffer | undefined;
  #ahead: Ahead | undefined;
  #last: FileHandle | undefined;

  /** Blocks have `size` bytes; each begins with the last `overlap` bytes of the previous one. */
  constructor(size: number, overlap: number) {
    this.size = size;
    this.#overlap = overlap;
    this.#block = memoryOf(size);
  }

  /** The bytes at `from`: a whole block, unless the file ends before. The buffer is reused by the next read. */
  async read(handle: FileHandle, from: number): Promise<Buffer> {
    const length = (await this.#takeAhead(handle, from)) ?? (await this.#readInto(this.#block, handle, from));
    const continues = this.#last === handle;
    this.#last = handle;
    if (continues && length === this.size) this.#readAhead(handle, from + length - this.#overlap);
    return this.#block.subarray(0, length);
  }

  /** The length of the block read ahead, if it is this one and complete: a file that ended there may have grown. */
  async #takeAhead(handle: FileHandle, from: number): Promise<number | undefined> {
    const ahead = this.#ahead;
    if (!ahead) return undefined;
    // Also when the block is not needed: its buffer is in use until then.
    const length = await ahead.length;
    this.#ahead = undefined;
    if (ahead.handle !== handle || ahead.from !== from || length < this.size) return undefined;
    [this.#block, this.#spare] = [this.#spare!, this.#block];
    return length;
  }

  #readAhead(handle: FileHandle, from: number): void {
    this.#spare ??= memoryOf(this.size);
    this.#ahead = { handle, from, length: this.#readInto(this.#spare, handle, from).catch(() => 0) };
  }

  async #readInto(block: Buffer, handle: FileHandle, from: number): Promise<number> {
    return (await handle.read(block, 0, this.size, from)).bytesRead;
  }
}

/**
 * The kernel copies to any place at 7 GB/s, but on AMD's processors to one that is 16 bytes after the start of a page at 1 to 2 GB/s
 * (`rep movsb`). There malloc puts all that is large. 48 bytes further, all is well.
 */
const memoryOf = (size: number): Buffer => Buffer.allocUnsafeSlow(size + 48).subarray(48);
