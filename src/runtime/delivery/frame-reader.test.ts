import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, it, onTestFinished } from "vitest";
import type { Place } from "../../storage/database.ts";
import { encodeFrame, type Frame } from "../../storage/frame.ts";
import { missingSegments, segmentName } from "../../storage/segments.ts";
import { chunkIn, FrameReader } from "./frame-reader.ts";

const start: Place = { segment: 1, offset: 0 };
const body = fc.oneof(fc.string({ maxLength: 20 }), fc.constant("x".repeat(200_000)), fc.constant("y".repeat(300_000)));

/** Writes segment files of these bodies. */
const segments = (contents: readonly (readonly string[])[], spoil: (segment: number, bytes: Buffer) => void) => {
  const directory = mkdtempSync(join(tmpdir(), "weir-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  let end = start;
  for (const [index, bodies] of contents.entries()) {
    const bytes = Buffer.concat(bodies.map((text) => encodeFrame("{}", JSON.stringify(text))));
    end = { segment: index + 1, offset: bytes.length };
    spoil(index, bytes);
    const beyond = Buffer.from(index === contents.length - 1 ? "beyond the commit" : "");
    writeFileSync(join(directory, segmentName(index + 1)), Buffer.concat([bytes, beyond]));
  }
  return { directory, end };
};

/** Reads up to `end`, with a new reader unless one is given. */
const readAll = async (directory: string, end: Place, maxEvents = 3, given?: FrameReader): Promise<Frame[]> => {
  const reader = given ?? new FrameReader(directory);
  const frames: Frame[] = [];
  for (
    let chunk = await reader.read(start, end, { maxEvents, maxSize: 1 << 20 });
    chunk;
    chunk = await reader.read(chunk.end, end, { maxEvents, maxSize: 1 << 20 })
  ) {
    expect(chunk.frames.length).toBeGreaterThan(0);
    expect(chunk.bytes).toBe(chunk.frames.reduce((total, { size }) => total + size, 0));
    frames.push(...chunk.frames);
  }
  expect(await reader.count(start, end)).toBe(frames.length);
  if (!given) await reader.close();
  return frames;
};

it("reads the frames of all segments, of any size, up to the end", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(body, { minLength: 1, maxLength: 8 }), { maxLength: 4 }), async (contents) => {
      const { directory, end } = segments(contents, () => undefined);
      expect((await readAll(directory, end)).map(({ data }) => JSON.parse(data))).toEqual(contents.flat());
    }),
    { numRuns: process.env["WEIR_LONG"] ? 30 : 10 },
  );
});

it("reads for several at a time, as when a delivery that was replaced has not ended yet", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(body, { minLength: 1, maxLength: 8 }), { maxLength: 4 }), async (contents) => {
      const { directory, end } = segments(contents, () => undefined);
      const reader = new FrameReader(directory);
      const all = await Promise.all([1, 3, 7].map((maxEvents) => readAll(directory, end, maxEvents, reader)));
      await reader.close();
      for (const frames of all) expect(frames.map(({ data }) => JSON.parse(data))).toEqual(contents.flat());
    }),
    { numRuns: process.env["WEIR_LONG"] ? 30 : 10 },
  );
});

it("reads all frames except one with a damaged body", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(body, { minLength: 1, maxLength: 8 }),
      fc.nat(),
      fc.nat(),
      async (bodies, which, where) => {
        const damaged = which % bodies.length;
        const { directory, end } = segments([bodies], (_segment, bytes) => {
          const sizes = bodies.map((text) => encodeFrame("{}", JSON.stringify(text)).length);
          const from = sizes.slice(0, damaged).reduce((total, size) => total + size, 0);
          const at = from + 8 + (where % (sizes[damaged]! - 8));
          bytes[at] = bytes[at]! ^ 0x20;
        });
        const frames = await readAll(directory, end);
        expect(frames.map((frame) => (frame.damaged ? "damaged" : JSON.parse(frame.data)))).toEqual(
          bodies.map((text, index) => (index === damaged ? "damaged" : text)),
        );
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 50 : 10 },
  );
});

it("reads to the end, whatever the bytes are", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(body, { minLength: 1, maxLength: 4 }),
      fc.nat(),
      fc.nat({ max: 255 }),
      async (bodies, where, byte) => {
        const { directory, end } = segments([bodies, ["whole"]], (segment, bytes) => {
          if (segment === 0) bytes[where % bytes.length] = byte;
        });
        const frames = await readAll(directory, end);
        expect(JSON.parse(frames.at(-1)!.data)).toBe("whole");
      },
    ),
    { numRuns: process.env["WEIR_LONG"] ? 50 : 10 },
  );
});

it("reports zeros and a truncated end of a segment as damaged", async () => {
  for (const rest of [Buffer.alloc(40), Buffer.alloc(0), encodeFrame("{}", '"cut"').subarray(0, 12)]) {
    const { directory } = segments([["one"]], () => undefined);
    const first = encodeFrame("{}", '"one"');
    writeFileSync(join(directory, segmentName(1)), Buffer.concat([first, rest]));
    const frames = await readAll(directory, { segment: 1, offset: first.length + 40 });
    expect(frames.map(({ size, damaged }) => [size, damaged?.length])).toEqual([
      [first.length, undefined],
      [40, rest.length],
    ]);
  }
});

it("skips a missing segment, but not the last one", async () => {
  const { directory, end } = segments([["one"], ["two"], ["three"]], () => undefined);
  rmSync(join(directory, segmentName(1)));
  expect(missingSegments(directory, start, end)).toEqual([1]);
  expect((await readAll(directory, end)).map(({ data }) => JSON.parse(data))).toEqual(["two", "three"]);
  rmSync(join(directory, segmentName(3)));
  await expect(readAll(directory, end)).rejects.toThrow("ENOENT");
});

it("loses no complete record when a segment is truncated anywhere in its last one", async () => {
  const bodies = ["one", "two", "the last of them"];
  const { directory, end } = segments([bodies], () => undefined);
  const bytes = Buffer.concat(bodies.map((text) => encodeFrame("{}", JSON.stringify(text))));
  const last = encodeFrame("{}", JSON.stringify(bodies.at(-1))).length;
  // A file that is shorter than its commit says is lengthened with zeros when it is opened for writing.
  for (let cut = bytes.length - last; cut < bytes.length; cut++)
    for (const rest of [Buffer.alloc(0), Buffer.alloc(bytes.length - cut)]) {
      writeFileSync(join(directory, segmentName(1)), Buffer.concat([bytes.subarray(0, cut), rest]));
      const frames = await readAll(directory, end);
      expect(frames.slice(0, 2).map(({ data }) => JSON.parse(data))).toEqual(["one", "two"]);
      expect(frames.slice(2).every(({ damaged }) => damaged)).toBe(true);
      expect(frames.reduce((total, { size }) => total + size, 0)).toBe(bytes.length);
    }
});

it("finds the same in memory as in the file, from any frame on", async () => {
  const limits = fc.record({ maxEvents: fc.integer({ min: 1, max: 4 }), maxSize: fc.integer({ min: 1, max: 400 }) });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.string({ maxLength: 200 }), { minLength: 1, maxLength: 8 }),
      fc.nat(),
      limits,
      async (bodies, seed, limits) => {
        const { directory, end } = segments([bodies], () => undefined);
        const places = bodies.map((_, index) => {
          const before = bodies.slice(0, index).map((text) => encodeFrame("{}", JSON.stringify(text)).length);
          return { segment: 1, offset: before.reduce((total, size) => total + size, 0) };
        });
        const from = places[seed % places.length]!;
        const kept = places[(seed >> 8) % ((seed % places.length) + 1)]!;
        const bytes = Buffer.concat(bodies.map((text) => encodeFrame("{}", JSON.stringify(text))));
        const reader = new FrameReader(directory);
        const stored = (await reader.read(from, end, limits))!;
        const inMemory = chunkIn(bytes.subarray(kept.offset), kept, from, limits);
        expect([inMemory.end, inMemory.bytes]).toEqual([stored.end, stored.bytes]);
        expect(inMemory.frames.map(({ data }) => data)).toEqual(stored.frames.map(({ data }) => data));
        await reader.close();
      },
    ),
  );
});
