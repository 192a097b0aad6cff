import type { FileHandle } from "node:fs/promises";
import { createGunzip } from "node:zlib";
import { headLength, tailLength } from "./print.ts";

/** How the content of a gzip file ends: as it should, before its time (it may still be written), or in bytes that are no gzip. */
export type GzipEnd = "end" | "cut" | "broken";

const inputSize = 16 * 1024;

/**
 * Reads what a gzip file holds from its first byte on, some bytes at a time: whatever its length, memory stays the same.
 * Of a broken file it gives all that comes before the break.
 */
export class GzipReader {
  readonly #handle: FileHandle;
  #gunzip = createGunzip();
  /** Offset in the file of the next byte to decompress. */
  #input = 0;
  #ready: Buffer[] = [];
  #end: GzipEnd | undefined;
  /** From this offset on, bytes are fed one by one: what a failing call has decompressed so far is lost. */
  #careful = Number.POSITIVE_INFINITY;
  /** How much of what comes was given before. */
  #repeated = 0;
  #wake: (outcome: "more" | GzipEnd) => void = () => undefined;
  /** Offset in the content of the next byte that `next` gives. */
  position = 0;

  constructor(handle: FileHandle) {
    this.#handle = handle;
    this.#listen();
  }

  /** The next bytes, or how the content ends. */
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

  /** Goes to `position`, or to where the content ends before it; gives the first bytes, and the last before it. */
  async skipTo(position: number): Promise<{ readonly head: Buffer; readonly tail: Buffer }> {
    let head: Buffer = Buffer.alloc(0);
    let tail: Buffer = Buffer.alloc(0);
    while (this.position < position) {
      const next = await this.next();
      if (typeof next === "string") break;
      const beyond = Math.max(0, this.position - position);
      const bytes = next.subarray(0, next.length - beyond);
      if (beyond > 0) this.#giveBack(next.subarray(bytes.length));
      if (head.length < headLength) head = Buffer.concat([head, bytes]).subarray(0, headLength);
      tail = Buffer.concat([tail, bytes.subarray(-tailLength)]).subarray(-tailLength);
    }
    return { head, tail };
  }

  #giveBack(bytes: Buffer): void {
    this.#ready.unshift(bytes);
    this.position -= bytes.length;
  }

  async #feed(): Promise<void> {
    const careful = this.#input >= this.#careful;
    const limit = careful ? 1 : Math.min(inputSize, this.#careful - this.#input);
    const { buffer, bytesRead } = await this.#handle.read(Buffer.alloc(limit), 0, limit, this.#input);
    const outcome = await new Promise<"more" | GzipEnd>((resolve) => {
      this.#wake = resolve;
      if (bytesRead > 0) this.#gunzip.write(buffer.subarray(0, bytesRead), () => resolve("more"));
      else if (this.#input === 0) resolve("cut");
      else this.#gunzip.end();
    });
    if (outcome === "broken" && !careful) return this.#again();
    this.#input += bytesRead;
    if (outcome !== "more") this.#end = outcome;
  }

  /** Once more from the start, and slowly where it broke. */
  #again(): void {
    this.#careful = this.#input;
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
    this.#gunzip.on("end", () => this.#wake("end"));
    this.#gunzip.on("error", ({ code }: NodeJS.ErrnoException) =>
      this.#wake(code === "Z_BUF_ERROR" ? "cut" : "broken"),
    );
  }
}

/** What a gzip file says of its content's length, modulo 2^32 (RFC 1952, ISIZE); right for files of one member. */
export const claimedLength = async (handle: FileHandle): Promise<number> => {
  const { size } = await handle.stat();
  if (size < 18) return 0;
  const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, size - 4);
  return buffer.readUInt32LE();
};
