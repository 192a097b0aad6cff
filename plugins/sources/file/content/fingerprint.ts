import { hash } from "node:crypto";
import type { FileHandle } from "node:fs/promises";

/** How many bytes are fingerprinted at the start of a file, and how many before the position read to. */
export const headLength = 1024;
export const tailLength = 64;

/** A digest of a range of a file, so that the checkpoint does not contain the bytes themselves. */
export interface Fingerprint {
  /** Offset just past the last byte. */
  readonly end: number;
  readonly length: number;
  readonly hash: string;
}

/** What identifies a stream's content: its first bytes, and the bytes just before the position read to. */
export interface Fingerprints {
  readonly head: Fingerprint;
  readonly tail: Fingerprint;
}

/** The fingerprint of bytes that end at offset `end`. */
export const fingerprintOf = (bytes: Uint8Array, end: number): Fingerprint => ({
  end,
  length: bytes.length,
  hash: hash("sha256", bytes, "base64url").slice(0, 22),
});

/** Whether the file contains the fingerprinted bytes at the same offset. */
export const hasFingerprint = async (handle: FileHandle, { end, length, hash }: Fingerprint): Promise<boolean> =>
  fingerprintOf(await readRange(handle, end - length, end), end).hash === hash;

/** The file's bytes from `from` to `to`; fewer if the file ends before. */
export const readRange = async (handle: FileHandle, from: number, to: number): Promise<Buffer> => {
  const bytes = Buffer.alloc(to - from);
  let length = 0;
  while (length < bytes.length) {
    const { bytesRead } = await handle.read(bytes, length, bytes.length - length, from + length);
    if (bytesRead === 0) break;
    length += bytesRead;
  }
  return bytes.subarray(0, length);
};

const nothing = new Uint8Array(0);

/** A copy with memory of its own: a part of a larger buffer would keep all of that, for as long as the file is known. */
const own = (...parts: readonly Uint8Array[]): Uint8Array => {
  const copy = new Uint8Array(parts.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const part of parts) {
    copy.set(part, at);
    at += part.length;
  }
  return copy;
};

/** Keeps the first and last bytes of a stream and their fingerprints up to date while it is read. */
export class ContentTracker {
  #head: Uint8Array = nothing;
  #headFingerprint = fingerprintOf(nothing, 0);
  #tail: Uint8Array = nothing;
  #tailFingerprint: Fingerprint | undefined = fingerprintOf(nothing, 0);
  /** Offset just past the tail. */
  #end = 0;

  /** The bytes just before the position read to. */
  get tail(): Uint8Array {
    return this.#tail;
  }

  get fingerprints(): Fingerprints {
    this.#tailFingerprint ??= fingerprintOf(this.#tail, this.#end);
    return { head: this.#headFingerprint, tail: this.#tailFingerprint };
  }

  /** Sets fingerprints of bytes that this process has not read. */
  restore({ head, tail }: Fingerprints): void {
    this.#headFingerprint = head;
    this.#tailFingerprint = tail;
  }

  /** Starts at `position`: `head` are the first bytes of the file, `tail` those before `position`. */
  start(head: Uint8Array, tail: Uint8Array, position: number): void {
    this.#head = own(head);
    this.#headFingerprint = fingerprintOf(head, head.length);
    this.#tail = own(tail);
    this.#tailFingerprint = undefined;
    this.#end = position;
  }

  /** Takes more of the first bytes of the file, unless they contradict what was read: then it was truncated. */
  extend(head: Uint8Array): void {
    if (head.length <= this.#head.length || Buffer.compare(head.subarray(0, this.#head.length), this.#head) !== 0)
      return;
    this.#head = own(head);
    this.#headFingerprint = fingerprintOf(head, head.length);
  }

  /** Whether `bytes` may follow: they must agree with the head where it reaches beyond the position read to. */
  accepts(bytes: Uint8Array): boolean {
    const known = this.#head.subarray(this.#end);
    return known.length === 0 || Buffer.compare(known, bytes.subarray(0, known.length)) === 0;
  }

  /** Records that `bytes` were read next. */
  add(bytes: Uint8Array): void {
    const missing = headLength - this.#head.length;
    if (missing > 0) {
      const fresh = bytes.subarray(this.#head.length - this.#end);
      this.#head = own(this.#head, fresh.subarray(0, missing));
      this.#headFingerprint = fingerprintOf(this.#head, this.#head.length);
    }
    const last = bytes.subarray(-tailLength);
    const kept = Math.min(this.#tail.length, tailLength - last.length);
    this.#tail = own(this.#tail.subarray(this.#tail.length - kept), last);
    this.#tailFingerprint = undefined;
    this.#end += bytes.length;
  }

  /** Whether the last line is complete; true also when nothing was read. */
  get endsLine(): boolean {
    const [beforeLast, last] = [this.#tail.at(-2), this.#tail.at(-1)];
    return last === undefined || last === 10 || (this.encoding === "utf-16le" && last === 0 && beforeLast === 10);
  }

  /** The encoding that a byte order mark of UTF-16 at the start names. */
  get encoding(): "utf-16le" | "utf-16be" | undefined {
    const [first, second] = this.#head;
    if (first === 0xff && second === 0xfe) return "utf-16le";
    return first === 0xfe && second === 0xff ? "utf-16be" : undefined;
  }
}
