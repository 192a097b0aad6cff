import type { FileHandle } from "node:fs/promises";
import { type Fingerprint, fingerprintOf, headLength, readRange } from "./fingerprint.ts";
import { GzipReader } from "./gzip-reader.ts";

/** The first bytes of a file's content, to compare with the heads of many streams without reading them again. */
export class FileHead {
  readonly bytes: Buffer;
  /** It is a gzip file that is truncated or corrupt within its head. */
  readonly isBroken: boolean;
  readonly #hashes = new Map<number, string>();

  private constructor(bytes: Buffer, isBroken: boolean) {
    this.bytes = bytes;
    this.isBroken = isBroken;
  }

  static async read(handle: FileHandle, { compressed }: { readonly compressed: boolean }): Promise<FileHead> {
    if (!compressed) return new FileHead(await readRange(handle, 0, headLength), false);
    const reader = new GzipReader(handle);
    const { head } = await reader.skipTo(headLength);
    return new FileHead(head, head.length < headLength && (await reader.next()) !== "complete");
  }

  /** Whether the content begins with the fingerprinted bytes, as far as it can be read. */
  mayBeginWith({ end, hash }: Fingerprint): boolean {
    if (this.bytes.length < end) return this.isBroken;
    let own = this.#hashes.get(end);
    if (own === undefined) {
      own = fingerprintOf(this.bytes.subarray(0, end), end).hash;
      this.#hashes.set(end, own);
    }
    return own === hash;
  }
}
