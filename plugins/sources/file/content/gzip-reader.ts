import type { FileHandle } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { headLength, tailLength } from "./fingerprint.ts";

/** How a gzip file ends. A truncated one may still be written; a corrupt one contains bytes that are not gzip. */
export type GzipEnd = "complete" | "truncated" | "corrupt";

const inputSize = 16 * 1024;

/**
 * Decompresses a gzip file from the start, a block at a time, in constant memory. Of a corrupt file it returns
 * everything before the damage.
 */
export class GzipReader {
  readonly #handle: FileHandle;
  #gunzip = createGunzip();
  /** Offset in the file of the next byte to decompress. */
  #input = 0;
  #ready: Buffer[] = [];
  #end: GzipEnd | undefined;
  /** From this offset on, bytes are fed one at a time: zlib discards the output of the call that fails. */
  #bytewiseFrom = Number.POSITIVE_INFINITY;
  /** How many bytes of the coming output were returned before. */
  #repeated = 0;
  #resolve: (outcome: "more" | GzipEnd) => void = () => undefined;
  /** Offset in the content of the byte that `next` returns next. */
  position = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
    this.#listen();
  }

  /** How many bytes of the file were decompressed. */
  get input(): number {
    return this.#input;
  }

  /** The next bytes, or how the file ends. */
  async next(): Promise<Buffer | GzipEnd> {
    for (;;) {
      const bytes = this.#ready.shift();
      if (bytes) {
        this.position += bytes.length;
        return bytes;
      }
      if (this.#end) return this.#end;
      await this.#feed();
    }
  }

  /**
   * Skips to `position`, or to the end of the content if that comes first. Returns the first and the last of the bytes
   * that were skipped.
   */
  async skipTo(position: number): Promise<{ readonly head: Buffer; readonly tail: Buffer }> {
    let head: Buffer = Buffer.alloc(0);
    let tail: Buffer = Buffer.alloc(0);
    while (this.position < position) {
      const next = await this.next();
      if (typeof next === "string") break;
      const beyond = Math.max(0, this.position - position);
      const bytes = next.subarray(0, next.length - beyond);
      if (beyond > 0) this.#unread(next.subarray(bytes.length));
      if (head.length < headLength) head = Buffer.concat([head, bytes]).subarray(0, headLength);
      tail = Buffer.concat([tail, bytes.subarray(-tailLength)]).subarray(-tailLength);
    }
    return { head, tail };
  }

  #unread(bytes: Buffer): void {
    this.#ready.unshift(bytes);
    this.position -= bytes.length;
  }

  async #feed(): Promise<void> {
    const bytewise = this.#input >= this.#bytewiseFrom;
    const limit = bytewise ? 1 : Math.min(inputSize, this.#bytewiseFrom - this.#input);
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(limit), 0, limit, this.#input);
    const outcome = await new Promise<"more" | GzipEnd>((resolve) => {
      this.#resolve = resolve;
      if (bytesRead > 0) this.#gunzip.write(buffer.subarray(0, bytesRead), () => resolve("more"));
      else if (this.#input === 0) resolve("truncated");
      else this.#gunzip.end();
    });
    if (outcome === "corrupt" && !bytewise) return this.#restart();
    this.#input += bytesRead;
    if (outcome !== "more") this.#end = outcome;
  }

  /** Decompresses again from the start, byte by byte from the block that failed. */
  #restart(): void {
    this.#bytewiseFrom = this.#input;
    this.#input = 0;
    this.#repeated = this.position + this.#ready.reduce((sum, { length }) => sum + length, 0);
    this.#gunzip = createGunzip();
    this.#listen();
  }

  #listen(): void {
    this.#gunzip.on("data", (bytes: Buffer) => {
      const fresh = bytes.subarray(this.#repeated);
      this.#repeated -= bytes.length - fresh.length;
      if (fresh.length > 0) this.#ready.push(fresh);
    });
    this.#gunzip.on("end", () => this.#resolve("complete"));
    this.#gunzip.on("error", ({ code }: NodeJS.ErrnoException) =>
      this.#resolve(code === "Z_BUF_ERROR" ? "truncated" : "corrupt"),
    );
  }
}

/** The content's length modulo 2^32 according to the trailer (RFC 1952, ISIZE); correct for files of one member. */
export const claimedLength = async (handle: FileHandle): Promise<number> => {
  const { size } = await handle.stat();
  if (size < 18) return 0;
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, size - 4);
  return buffer.readUInt32LE();
};
