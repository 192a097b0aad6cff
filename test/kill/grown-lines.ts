import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** Reads what a file has grown by since the last look, in whole lines; its last line is read when its end is there. */
export class GrownLines {
  readonly #path: string;
  readonly #block = Buffer.allocUnsafe(1 << 20);
  #position = 0;
  #carry: Buffer = Buffer.alloc(0);

  constructor(path: string) {
    this.#path = path;
  }

  /** Calls `take` with each new line. */
  read(take: (line: string) => void): void {
    const fd = openIfThere(this.#path);
    if (fd === undefined) return;
    try {
      // After a kill the writer may cut back its torn last line: it is read anew, so it is not kept across looks.
      for (let end = fstatSync(fd).size; this.#position < end; ) {
        const read = readSync(fd, this.#block, 0, Math.min(this.#block.length, end - this.#position), this.#position);
        if (read === 0) break;
        this.#cut(this.#block.subarray(0, read), take);
      }
      this.#position -= this.#carry.length;
      this.#carry = Buffer.alloc(0);
    } finally {
      closeSync(fd);
    }
  }

  #cut(block: Buffer, take: (line: string) => void): void {
    this.#position += block.length;
    const bytes = this.#carry.length > 0 ? Buffer.concat([this.#carry, block]) : block;
    let start = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, start)) {
      take(bytes.toString("utf8", start, end));
      start = end + 1;
    }
    this.#carry = Buffer.from(bytes.subarray(start));
  }
}

const openIfThere = (path: string): number | undefined => {
  try {
    return openSync(path, "r");
  } catch {
    return undefined;
  }
};
