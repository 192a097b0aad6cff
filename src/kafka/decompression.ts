import { gunzipSync, zstdDecompressSync } from "node:zlib";
import type * as Kafka from "@platformatic/kafka";

/** What the batches of an answer may have together when they are decompressed: bytes, and records, which take more memory. */
const most = { bytes: 128 * 1024 * 1024, records: 1_000_000 };

/** The batches of an answer have too much in them. */
export class TooMuch extends Error {
  constructor() {
    super(
      `what a broker has sent is larger than ${most.bytes} bytes, or has more than ${most.records} records, when it is decompressed`,
    );
  }
}

type Decompress = (data: Buffer) => Buffer;
type Algorithms = Record<string, { decompressSync: (data: Buffer | { readonly buffer: Buffer }) => Buffer }>;

/** Makes the package throw when a batch is too large. By default it has no limit, and a few bytes can become gigabytes. */
export const limitDecompression = (library: Pick<typeof Kafka, "compressionsAlgorithms">): void => {
  if (limited.has(library)) return;
  limited.add(library);
  const algorithms = library.compressionsAlgorithms as unknown as Algorithms;
  const left = { ...most };
  const within =
    (decompress: Decompress) =>
    (data: Buffer | { readonly buffer: Buffer }): Buffer => {
      // An answer is read at once.
      if (left.bytes === most.bytes) setImmediate(() => Object.assign(left, most));
      const bytes = decompress(Buffer.isBuffer(data) ? data : data.buffer);
      left.bytes -= bytes.length;
      left.records -= recordsIn(bytes, left.records);
      if (left.bytes < 0 || left.records < 0) throw new TooMuch();
      return bytes;
    };
  const bounded =
    (decompress: (data: Buffer, options: { readonly maxOutputLength: number }) => Buffer): Decompress =>
    (data) => {
      try {
        return decompress(data, { maxOutputLength: Math.max(1, left.bytes) });
      } catch (error) {
        throw (error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE" ? new TooMuch() : error;
      }
    };
  algorithms["gzip"]!.decompressSync = within(bounded(gunzipSync));
  algorithms["zstd"]!.decompressSync = within(bounded(zstdDecompressSync));
  for (const name of ["snappy", "lz4"]) {
    // These make at most 255 bytes of one.
    const decompress = algorithms[name]!.decompressSync;
    algorithms[name]!.decompressSync = within(decompress);
  }
};

const limited = new WeakSet<object>();

/** How many records there are, up to one more than `limit`: each begins with its length as a zigzag varint. */
const recordsIn = (bytes: Buffer, limit: number): number => {
  let count = 0;
  for (let at = 0; at < bytes.length && count <= limit; count++) {
    let [length, shift] = [0, 0];
    for (let more = true; more && at < bytes.length; shift += 7) {
      const byte = bytes[at++]!;
      length += (byte & 0x7f) * 2 ** shift;
      more = byte >= 0x80;
    }
    at += length / 2;
  }
  return count;
};

/** Whether an answer could not be read because it is too large when it is decompressed. */
export const isTooMuch = (error: unknown): boolean =>
  error instanceof TooMuch ||
  (error instanceof Error &&
    [...((error as AggregateError).errors ?? []), error.cause].some(
      (inner) => inner !== undefined && isTooMuch(inner),
    ));
