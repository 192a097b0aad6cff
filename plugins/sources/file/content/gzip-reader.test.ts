import { mkdtemp, open, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { claimedLength, GzipReader } from "./gzip-reader.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "weir-gzip-"));
});
afterAll(() => rm(directory, { recursive: true }));

const reading = async <T>(file: Buffer, use: (reader: GzipReader) => Promise<T>): Promise<T> => {
  const path = join(directory, "file.gz");
  await writeFile(path, file);
  await using handle = await open(path);
  return await use(new GzipReader(handle));
};
const readAll = (file: Buffer, from = 0) =>
  reading(file, async (reader) => {
    const { tail } = await reader.skipTo(from);
    const parts: Buffer[] = [];
    for (;;) {
      const next = await reader.next();
      if (typeof next === "string") return { content: Buffer.concat(parts), end: next, tail };
      parts.push(next);
    }
  });

/** Bytes that compress well, badly, or not at all. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 5_000 }).map((bytes) => Buffer.from(bytes)),
  fc.tuple(fc.string({ minLength: 1 }), fc.nat(40_000)).map(([text, times]) => Buffer.from(text.repeat(times))),
);

it("returns the content of one or more members from any position on, and the bytes before it", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(content, { minLength: 1, maxLength: 3 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      async (parts, at) => {
        const whole = Buffer.concat(parts);
        const from = Math.floor(whole.length * at);
        const found = await readAll(Buffer.concat(parts.map((part) => gzipSync(part))), from);
        expect(found.end).toBe("complete");
        expect(found.content.equals(whole.subarray(from))).toBe(true);
        expect(found.tail.equals(whole.subarray(Math.max(0, from - 64), from))).toBe(true);
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 60 : 15 },
  );
});

it("reports a file that is truncated anywhere, and returns the start of its content", async () => {
  await fc.assert(
    fc.asyncProperty(content, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), async (bytes, at) => {
      const file = gzipSync(bytes);
      const found = await readAll(file.subarray(0, Math.floor(file.length * at)));
      expect(found.end).toBe("truncated");
      expect(found.content.equals(bytes.subarray(0, found.content.length))).toBe(true);
    }),
    { numRuns: process.env["WEIR_LONG"] ? 60 : 15 },
  );
});

it("returns all of the content when only the checksum at its end is wrong", async () => {
  const bytes = Buffer.from("a line of some log\n".repeat(30_000));
  const file = gzipSync(bytes);
  file[file.length - 8]! ^= 1;
  const found = await readAll(file);
  expect(found.end).toBe("corrupt");
  expect(found.content.equals(bytes)).toBe(true);
});

it("returns everything before corrupt bytes", async () => {
  const bytes = Buffer.from(Array.from({ length: 60_000 }, (_, index) => `line ${index * 7919}\n`).join(""));
  const file = gzipSync(bytes);
  for (let at = file.length >> 1; at < file.length; at++) file[at] = (at * 37) ^ (at >> 3);
  const found = await readAll(file);
  expect(found.end).toBe("corrupt");
  expect(found.content.length).toBeGreaterThan(bytes.length * 0.4);
  const same = found.content.length - 2_000;
  expect(found.content.subarray(0, same).equals(bytes.subarray(0, same))).toBe(true);
  expect((await readAll(Buffer.from("not gzip at all"))).end).toBe("corrupt");
});

it("ignores what follows the last member, and reads the length from the trailer", async () => {
  const bytes = Buffer.from("x".repeat(100_000));
  const found = await readAll(Buffer.concat([gzipSync(bytes), Buffer.alloc(70_000)]));
  expect([found.end, found.content.length]).toEqual(["complete", bytes.length]);
  const path = join(directory, "claim.gz");
  await writeFile(path, gzipSync(bytes));
  await using handle = await open(path);
  expect(await claimedLength(handle)).toBe(bytes.length);
});
