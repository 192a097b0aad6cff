import type { FileHandle } from "node:fs/promises";

interface Ahead {
  readonly handle: FileHandle;
  readonly from: number;
  /** How many bytes it brought; 0 when it went wrong, since whoever reads then reads again. */
  readonly length: Promise<number>;
}

/**
 * Reads blocks of files. While one block is worked on, the next of the same file is already read into another, so that
 * catching up does not wait for the disk.
 */
export class ReadAhead {
  readonly size: number;
  readonly #overlap: number;
  #block: Buffer;
  #spare: Buffer | undefined;
  #ahead: Ahead | undefined;
  #last: FileHandle | undefined;

  /** Blocks of `size` bytes; each begins with the last `overlap` bytes of the one before. */
  constructor(size: number, overlap: number) {
    this.size = size;
    this.#overlap = overlap;
    this.#block = Buffer.allocUnsafeSlow(size);
  }

  /** The bytes at `from`: a whole block, unless the file ends before. They are good until the next read. */
  async read(handle: FileHandle, from: number): Promise<Buffer> {
    const length = (await this.#takeAhead(handle, from)) ?? (await this.#readInto(this.#block, handle, from));
    const goesOn = this.#last === handle;
    this.#last = handle;
    if (goesOn && length === this.size) this.#readAhead(handle, from + length - this.#overlap);
    return this.#block.subarray(0, length);
  }

  /** What was read ahead, if it is this and whole: at the end of a file there may be more by now. */
  async #takeAhead(handle: FileHandle, from: number): Promise<number | undefined> {
    const ahead = this.#ahead;
    if (!ahead) return undefined;
    // Also when it is of no use: its block is free only then.
    const length = await ahead.length;
    this.#ahead = undefined;
    if (ahead.handle !== handle || ahead.from !== from || length < this.size) return undefined;
    [this.#block, this.#spare] = [this.#spare!, this.#block];
    return length;
  }

  #readAhead(handle: FileHandle, from: number): void {
    this.#spare ??= Buffer.allocUnsafeSlow(this.size);
    this.#ahead = { handle, from, length: this.#readInto(this.#spare, handle, from).catch(() => 0) };
  }

  async #readInto(block: Buffer, handle: FileHandle, from: number): Promise<number> {
    return (await handle.read(block, 0, this.size, from)).bytesRead;
  }
}
