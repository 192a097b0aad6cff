import { setImmediate as nextTurn } from "node:timers/promises";
import { gzipSync, zstdCompressSync } from "node:zlib";
import * as library from "@platformatic/kafka";
import { describe, expect, it } from "vitest";
import { isTooMuch, limitDecompression, TooMuch } from "./decompression.ts";

limitDecompression(library);
const { gzip, zstd, snappy, lz4 } = library.compressionsAlgorithms;

/** Records of this many bytes each, of which the first says how long they are. */
const records = (count: number, length = 7) =>
  Buffer.alloc(count * length, Buffer.from([(length - 1) * 2, ...Array(length - 1).fill(0)]));

describe.each([
  ["gzip", gzip, gzipSync],
  ["zstd", zstd, zstdCompressSync],
  ["snappy", snappy, (data: Buffer) => snappy.compressSync(data)],
  ["lz4", lz4, (data: Buffer) => lz4.compressSync(data)],
] as const)("batches in %s", (_name, { decompressSync }, compress) => {
  it("are what they were", async () => {
    const batch = records(1000, 60);
    expect(Buffer.from(decompressSync(Buffer.from(compress(batch)))).equals(batch)).toBe(true);
    await nextTurn();
  });

  it("with too many records are refused, also if each batch is within the limit", async () => {
    expect(() => decompressSync(Buffer.from(compress(records(1_000_001))))).toThrow(TooMuch);
    await nextTurn();
    const half = Buffer.from(compress(records(600_000)));
    decompressSync(half);
    expect(() => decompressSync(half)).toThrow(TooMuch);
    await nextTurn();
    decompressSync(half);
    await nextTurn();
  });
});

it.each([
  ["gzip", gzip, gzipSync],
  ["zstd", zstd, zstdCompressSync],
] as const)(
  "a batch in %s that becomes very large is refused before it does",
  async (_name, { decompressSync }, compress) => {
    const bomb = compress(Buffer.alloc(200 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    expect(() => decompressSync(bomb)).toThrow(TooMuch);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(150 * 1024 * 1024);
    await nextTurn();
  },
);

it("is found in the errors of the package", () => {
  expect(isTooMuch(new AggregateError([new Error("x"), new Error("y", { cause: new TooMuch() })]))).toBe(true);
  expect(isTooMuch(new AggregateError([new Error("x")]))).toBe(false);
});
