import type { FileHandle } from "node:fs/promises";
import {
  ContentTracker,
  type Fingerprints,
  fingerprintOf,
  headLength,
  readRange,
  tailLength,
} from "../content/fingerprint.ts";
import { claimedLength, type GzipEnd, GzipReader } from "../content/gzip-reader.ts";
import type { ReadAhead } from "../content/read-ahead.ts";

const nothing = new Uint8Array(0);

/** Reads the content of one stream from its file, plain or gzip, and notices when the file was truncated. */
export class StreamReader {
  /** Offset in the content of the next byte to read. */
  position = 0;
  /** Open while there may be more to read, unless the file is parked. */
  handle: FileHandle | undefined;
  /** The file was closed to save descriptors. It is opened again to read more. */
  parked = false;
  /** The last read reached the end of the file. */
  atEnd = false;
  /** The first and latest of the most recent reads in a row that returned nothing. */
  idle: { readonly since: number; readonly until: number } | undefined;
  /** How the gzip file ends, once reading has reached its end. */
  gzipEnd: GzipEnd | undefined;
  #gzip: GzipReader | undefined;
  readonly #content = new ContentTracker();

  get fingerprints(): Fingerprints {
    return this.#content.fingerprints;
  }

  /** The encoding that the content's byte order mark names. */
  get encoding(): "utf-16le" | "utf-16be" | undefined {
    return this.#content.encoding;
  }

  /** Whether the last line read is complete; true also when nothing was read. */
  get endsLine(): boolean {
    return this.#content.endsLine;
  }

  /** Sets what is known from a checkpoint; nothing is read. */
  restore(position: number, fingerprints: Fingerprints): void {
    this.position = position;
    this.#content.restore(fingerprints);
  }

  /** Sets what is known of a gzip file that is not going to be read: its head, and the length that it claims. */
  async restoreFromGzip(handle: FileHandle): Promise<void> {
    const { head } = await new GzipReader(handle).skipTo(headLength);
    const length = await claimedLength(handle);
    this.restore(length, { head: fingerprintOf(head, head.length), tail: fingerprintOf(nothing, length) });
  }

  /** Continues at `position` in a file that is known to contain this stream. */
  async open(handle: FileHandle, { compressed }: { compressed: boolean }, position = this.position): Promise<void> {
    this.position = position;
    this.#gzip = undefined;
    this.gzipEnd = undefined;
    const { head, tail } = compressed ? await this.#openGzip(handle) : await this.#readEnds(handle);
    this.#content.start(head, tail, position);
    this.handle = handle;
    this.parked = false;
    this.atEnd = false;
    this.idle = undefined;
  }

  /** Whether the file is being read, or will be when it grows. */
  get isActive(): boolean {
    return this.handle !== undefined || this.parked;
  }

  /** Reads the head of a file that was not read to its end, so that the file can be recognised. */
  async learnHead({ compressed }: { compressed: boolean }): Promise<void> {
    if (this.handle && !this.atEnd && !compressed) this.#content.extend(await readRange(this.handle, 0, headLength));
  }

  /** Closes the file for now, and keeps everything that is needed to recognise it and to continue. */
  async park({ compressed }: { compressed: boolean }): Promise<void> {
    await this.learnHead({ compressed });
    const handle = this.release();
    this.parked = true;
    await handle?.close();
  }

  /** Continues after `park`, in a file that is known to contain this stream. */
  async unpark(handle: FileHandle, { compressed }: { compressed: boolean }): Promise<void> {
    const { idle } = this;
    if (compressed) await this.open(handle, { compressed });
    this.idle = idle;
    this.handle = handle;
    this.parked = false;
  }

  /** How many bytes of the gzip file were decompressed. */
  get gzipInput(): number {
    return this.#gzip?.input ?? 0;
  }

  async #openGzip(handle: FileHandle) {
    this.#gzip = new GzipReader(handle);
    const ends = await this.#gzip.skipTo(this.position);
    if (ends.head.length >= this.#headEnd) return ends;
    const { head } = await new GzipReader(handle).skipTo(this.#headEnd);
    return { head, tail: ends.tail };
  }

  /** How much of the head is known, or has been read: a file that was not read yet is recognised by nothing else. */
  get #headEnd(): number {
    return Math.min(headLength, Math.max(this.position, this.fingerprints.head.end));
  }

  async #readEnds(handle: FileHandle) {
    return {
      head: await readRange(handle, 0, this.#headEnd),
      tail: await readRange(handle, Math.max(0, this.position - tailLength), this.position),
    };
  }

  /** Stops reading and leaves the handle open, for its owner to close. */
  release(): FileHandle | undefined {
    const { handle } = this;
    this.handle = undefined;
    this.parked = false;
    this.#gzip = undefined;
    return handle;
  }

  async close(): Promise<void> {
    await this.release()?.close();
  }

  /**
   * Returns the next bytes, none at the end of the file, or `"truncated"` if the bytes before `position` have changed.
   * Each read begins with the last few bytes of the previous one, so this check takes no extra system call.
   */
  async read(blocks: ReadAhead, now: number): Promise<Uint8Array | "truncated"> {
    if (this.#gzip) return this.#readGzip(this.#gzip, now);
    const { tail } = this.#content;
    const block = await blocks.read(this.handle!, this.position - tail.length);
    if (block.length < tail.length || !block.subarray(0, tail.length).equals(tail)) return "truncated";
    const bytes = block.subarray(tail.length);
    if (!this.#content.accepts(bytes)) return "truncated";
    this.atEnd = block.length < blocks.size;
    if (bytes.length === 0) this.#beIdle(now);
    else this.#advance(bytes);
    return bytes;
  }

  async #readGzip(gzip: GzipReader, now: number): Promise<Uint8Array> {
    if (this.gzipEnd === "truncated") {
      // The rest may have been written since.
      const { idle } = this;
      await this.open(this.handle!, { compressed: true });
      this.idle = idle;
      return this.#readGzip(this.#gzip!, now);
    }
    const next = await gzip.next();
    if (typeof next !== "string") {
      this.#advance(next);
      return next;
    }
    this.atEnd = true;
    this.gzipEnd = next;
    this.#beIdle(now);
    return nothing;
  }

  #beIdle(now: number): void {
    this.idle = { since: this.idle?.since ?? now, until: now };
  }

  #advance(bytes: Uint8Array): void {
    this.idle = undefined;
    this.#content.add(bytes);
    this.position += bytes.length;
  }
}
