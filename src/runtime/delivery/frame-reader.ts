import { type FileHandle, open } from "node:fs/promises";
import { join } from "node:path";
import type { Place } from "../../storage/database.ts";
import { damagedFrame, decodeFrame, type Frame } from "../../storage/frame.ts";
import { isBefore, segmentName } from "../../storage/segments.ts";

/** Frames read from an outbox, and the place after the last of them; none if their segments are missing. */
export interface Chunk {
  readonly frames: readonly Frame[];
  readonly end: Place;
  readonly bytes: number;
  /** What the frames refer to. */
  readonly block?: Buffer;
}

export interface Limits {
  readonly maxEvents: number;
  /** In bytes. A larger frame is returned alone. */
  readonly maxSize: number;
}

const readAhead = 256 * 1024;
/** Longer memory is not kept for the next chunk. */
const mostKept = 4 * 1024 * 1024;

/**
 * Reads committed frames from the segment files of an outbox. A damaged frame is returned as damaged, and reading continues
 * with the next one; when its length is damaged, the rest of the segment counts as one damaged frame. A missing segment is
 * skipped unless it is the last. Reads that overlap run in turn.
 */
export class FrameReader {
  readonly #directory: string;
  #file: { readonly segment: number; readonly handle: FileHandle } | undefined;
  #isClosed = false;
  #free: Buffer | undefined;
  /** Ends with the last read. The file belongs to one read at a time. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Reads the frames from `from` on: at least one, within the limits; `undefined` if `from` is not before `end`. Without
   * frames, because all segments up to `end` are missing.
   */
  read(from: Place, end: Place, limits: Limits): Promise<Chunk | undefined> {
    const chunk = this.#turn.then(() => this.#read(from, end, limits));
    this.#turn = chunk.catch(() => undefined);
    return chunk;
  }

  async #read(from: Place, end: Place, limits: Limits): Promise<Chunk | undefined> {
    let { segment, offset } = from;
    while (isBefore({ segment, offset }, end)) {
      const isLast = segment === end.segment;
      const handle = await this.#open(segment, isLast);
      const limit = isLast ? end.offset : ((await handle?.stat())?.size ?? 0);
      if (handle && offset < limit) return this.#frames(handle, { segment, offset }, limit, limits);
      segment++;
      offset = 0;
    }
    // Whoever reads on must not come back to the same place.
    return isBefore(from, end) ? { frames: [], end: { segment, offset }, bytes: 0 } : undefined;
  }

  /** Number of frames between two places. */
  async count(from: Place, end: Place): Promise<number> {
    let count = 0;
    const limits = { maxEvents: 10_000, maxSize: readAhead };
    for (let chunk = await this.read(from, end, limits); chunk; chunk = await this.read(chunk.end, end, limits))
      count += chunk.frames.length;
    return count;
  }

  async #frames(handle: FileHandle, { segment, offset }: Place, limit: number, limits: Limits): Promise<Chunk> {
    const all = limit - offset;
    for (let length = Math.min(all, Math.max(readAhead, limits.maxSize)); ; ) {
      const block = this.#memory(length);
      const { bytesRead } = await handle.read(block, 0, length, offset);
      const { frames, bytes, wanted } = framesIn(block.subarray(0, bytesRead), limits);
      if (frames.length > 0) return { frames, end: { segment, offset: offset + bytes }, bytes, block };
      if (wanted > all || bytesRead < length) {
        const rest = damagedFrame(block.subarray(0, bytesRead), all);
        return { frames: [rest], end: { segment, offset: limit }, bytes: all };
      }
      length = wanted;
    }
  }

  /** The memory of a chunk, whose frames nobody refers to any more, is used for the next. */
  free({ block }: Chunk): void {
    if (block && block.length <= mostKept) this.#free = block;
  }

  #memory(length: number): Buffer {
    const free = this.#free;
    this.#free = undefined;
    return free && free.length >= length ? free : Buffer.allocUnsafeSlow(length);
  }

  /** Opens a segment file; `undefined` if it is missing and not needed. */
  async #open(segment: number, isNeeded: boolean): Promise<FileHandle | undefined> {
    if (this.#file?.segment === segment) return this.#file.handle;
    await this.#file?.handle.close();
    this.#file = undefined;
    const handle = await open(join(this.#directory, segmentName(segment)), "r").catch((error) => {
      if (isNeeded || (error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
      return undefined;
    });
    if (!handle) return undefined;
    this.#file = { segment, handle };
    if (this.#isClosed) await this.close();
    return handle;
  }

  /** Closes the file. A read in progress may reject. */
  async close(): Promise<void> {
    this.#isClosed = true;
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }
}

/** The first frames from `from` on, read from `bytes`, which begin at the given place of the outbox. */
export const chunkIn = (bytes: Buffer, { segment, offset }: Place, from: Place, limits: Limits): Chunk => {
  const { frames, bytes: length } = framesIn(bytes.subarray(from.offset - offset), limits);
  return { frames, end: { segment, offset: from.offset + length }, bytes: length };
};

/** The complete frames at the start of `buffer`. `wanted` is the number of bytes that an incomplete frame needs. */
const framesIn = (buffer: Buffer, { maxEvents, maxSize }: Limits) => {
  const frames: Frame[] = [];
  let bytes = 0;
  while (frames.length < maxEvents) {
    const frame = decodeFrame(buffer, bytes);
    if ("wanted" in frame) return { frames, bytes, wanted: frame.wanted };
    if (frames.length > 0 && bytes + frame.size > maxSize) break;
    frames.push(frame);
    bytes += frame.size;
  }
  return { frames, bytes, wanted: 0 };
};
