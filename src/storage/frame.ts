import { crc32 } from "node:zlib";
import { frameMemory } from "./frame-memory.ts";

/**
 * A frame of a segment file: length of the body (u32, little endian), CRC-32 of the body (u32), then the body, which is
 * two lines of JSON: the head, with what the host knows of the event, and the data.
 */
export const headerBytes = 8;
const lineFeed = 0x0a;

/** Frames, one after the other. */
export interface Frames {
  readonly bytes: Buffer;
  readonly count: number;
}

const smallest = 64 * 1024;
/** A larger block is not kept for the next frames. */
const largest = 8 * 1024 * 1024;

/** Encodes frames in memory that it uses again: a buffer for each would be the most expensive part of it. */
export class FrameWriter {
  #block = Buffer.allocUnsafeSlow(smallest);
  #used = 0;
  #count = 0;

  /** Adds a frame of `head` and `data`, each one line of JSON. */
  add(head: string, data: string): void {
    const most = headerBytes + 1 + (head.length + data.length) * 3;
    if (this.#block.length - this.#used < most) this.#grow(most);
    const block = this.#block;
    const start = this.#used + headerBytes;
    let at = start + block.write(head, start, "utf8");
    block[at++] = lineFeed;
    at += block.write(data, at, "utf8");
    block.writeUInt32LE(at - start, this.#used);
    block.writeUInt32LE(crc32(block.subarray(start, at)), this.#used + 4);
    this.#used = at;
    this.#count++;
  }

  /** The frames that were added since the last time, in the memory of frames. */
  take(): Frames {
    const bytes = frameMemory.room(this.#used);
    this.#block.copy(bytes, 0, 0, this.#used);
    const frames = { bytes, count: this.#count };
    this.#used = 0;
    this.#count = 0;
    if (this.#block.length > largest) this.#block = Buffer.allocUnsafeSlow(smallest);
    return frames;
  }

  #grow(bytes: number): void {
    const grown = Buffer.allocUnsafeSlow(2 ** Math.ceil(Math.log2(this.#used + bytes)));
    this.#block.copy(grown, 0, 0, this.#used);
    this.#block = grown;
  }
}

const writer = new FrameWriter();

/** Encodes one frame. */
export const encodeFrame = (head: string, data: string): Buffer => {
  writer.add(head, data);
  return writer.take().bytes;
};

export interface Frame {
  readonly head: string;
  readonly data: string;
  /** The data in UTF-8, as it is stored. */
  readonly dataBytes?: Uint8Array;
  /** Size of the whole frame in bytes. */
  readonly size: number;
  /** What is left of a damaged frame; `head` and `data` are empty then. */
  readonly damaged?: Buffer;
}

/** A frame in the buffer that it was decoded in. Its lines become text when they are first read. */
class StoredFrame implements Frame {
  readonly size: number;
  readonly #body: Buffer;
  readonly #lineEnd: number;
  #data: string | undefined;

  constructor(body: Buffer) {
    this.size = headerBytes + body.length;
    this.#body = body;
    this.#lineEnd = body.indexOf(lineFeed);
  }

  get head(): string {
    return this.#body.toString("utf8", 0, this.#lineEnd);
  }

  get data(): string {
    this.#data ??= this.#body.toString("utf8", this.#lineEnd + 1);
    return this.#data;
  }

  get dataBytes(): Uint8Array {
    return this.#body.subarray(this.#lineEnd + 1);
  }
}

/** How much is kept of a damaged frame, in bytes. */
const keptBytes = 64 * 1024;

/** Represents `size` damaged bytes that start with `bytes`, which is copied. */
export const damagedFrame = (bytes: Buffer, size: number): Frame => ({
  head: "",
  data: "",
  size,
  damaged: Buffer.from(bytes.subarray(0, Math.min(size, keptBytes))),
});

/**
 * Decodes the frame at `offset`, which refers to the buffer; one with a wrong checksum is returned as damaged. When `buffer` is too short, returns how many
 * bytes from `offset` on are needed: an impossible length needs more than there are.
 */
export const decodeFrame = (buffer: Buffer, offset: number): Frame | { readonly wanted: number } => {
  if (buffer.length - offset < headerBytes) return { wanted: headerBytes };
  const length = buffer.readUInt32LE(offset);
  // A hole in the file reads as zeros; a body is never empty.
  if (length === 0) return { wanted: Number.POSITIVE_INFINITY };
  const size = headerBytes + length;
  if (buffer.length - offset < size) return { wanted: size };
  const body = buffer.subarray(offset + headerBytes, offset + size);
  if (crc32(body) !== buffer.readUInt32LE(offset + 4)) return damagedFrame(buffer.subarray(offset), size);
  return new StoredFrame(body);
};
