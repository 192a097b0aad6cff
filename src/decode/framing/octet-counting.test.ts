import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Oversize } from "./framing.ts";
import { OctetCountingFraming } from "./octet-counting.ts";

interface Found {
  readonly records: [position: number, text: string][];
  readonly oversize: Oversize[];
  readonly incomplete: Oversize[];
  readonly reached: number;
}

/** Pushes a stream in blocks that end at these offsets. */
const cut = (stream: Buffer, ends: readonly number[], limit = 1_000_000): Found => {
  const framing = new OctetCountingFraming(limit, 0);
  const [records, oversize, incomplete]: [Found["records"], Oversize[], Oversize[]] = [[], [], []];
  const handlers = {
    record: (block: Buffer, start: number, end: number, position: number) =>
      void records.push([position, block.toString("utf8", start, end)]),
    oversize: (record: Oversize) => void oversize.push({ ...record }),
    incomplete: (record: Oversize) => void incomplete.push(record),
  };
  let from = 0;
  for (const end of [...new Set(ends)].filter((one) => one > 0 && one < stream.length).sort((a, b) => a - b)) {
    // A source may reuse its block.
    const block = Buffer.from(stream.subarray(from, end));
    framing.push(block, from, handlers);
    block.fill("x");
    from = end;
  }
  framing.push(stream.subarray(from), from, handlers);
  for (const _step of framing.end(handlers));
  return { records, oversize, incomplete, reached: framing.reached };
};

const texts = (stream: string, limit?: number) => cut(Buffer.from(stream), [], limit).records.map(([, text]) => text);

describe("octet counting", () => {
  it.each<[string, string[]]>([
    ["5 <1>ab7 <2>cdef", ["<1>ab", "<2>cdef"]],
    ["<1>a\n<2>b\r\n<3>c\0<4>d", ["<1>a", "<2>b", "<3>c", "<4>d"]],
    ["6 <1>a\nb<2>c\n4 <3>d\n", ["<1>a\nb", "<2>c", "<3>d"]],
    ["4 messages sent\n12\n", ["4 messages sent", "12"]],
    ["6 <1>ab\n\n\n", ["<1>ab"]],
    ["05 <1>ab\n", ["05 <1>ab"]],
    ["12345678901 <1>a\n", ["12345678901 <1>a"]],
    ["5", ["5"]],
    ["", []],
  ])("cuts %j", (stream, expected) => expect(texts(stream)).toEqual(expected));

  it("reads both framings as they were written, however they are cut into blocks", () => {
    const message = fc
      .array(fc.constantFrom("a", "1", " ", "<", "ü", "9 <", "\n", "\0"), { maxLength: 12 })
      .map((parts) => `<${parts.length}>${parts.join("")}x`);
    const part = fc.record({ message, isCounted: fc.boolean(), isTerminated: fc.boolean() });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 8 }), fc.array(fc.nat(150)), (parts, ends) => {
        const expected: [number, string][] = [];
        let stream = Buffer.alloc(0);
        for (const { message, isCounted, isTerminated } of parts) {
          const line = message.replace(/[\n\0]/g, "_");
          const bytes = Buffer.from(isCounted ? message : line);
          const end = isTerminated ? "\r\n" : "";
          expected.push([stream.length, bytes.toString()]);
          const written = isCounted ? `${bytes.length + end.length} ${message}${end}` : `${line}\n`;
          stream = Buffer.concat([stream, Buffer.from(written)]);
        }
        const found = cut(stream, ends);
        expect(found).toEqual({ records: expected, oversize: [], incomplete: [], reached: stream.length });
      }),
    );
  });

  it("accounts for every byte of any stream within limits, the same in all blocks", () => {
    const bytes = fc.array(fc.constantFrom("1", "3", "20", " ", "<", "a", "\n", "\0", "7 <1>a"), { maxLength: 30 });
    fc.assert(
      fc.property(bytes, fc.array(fc.nat(100)), fc.integer({ min: 1, max: 30 }), (parts, ends, limit) => {
        const stream = Buffer.from(parts.join(""));
        const found = cut(stream, ends, limit);
        const whole = cut(stream, [], limit);
        expect(found.records).toEqual(whole.records);
        expect(found.reached).toBe(stream.length);
        const positions = (all: readonly Oversize[]) => all.map(({ position }) => position);
        expect(positions(found.oversize)).toEqual(positions(whole.oversize));
        expect(positions(found.incomplete)).toEqual(positions(whole.incomplete));
        for (const [, text] of found.records) expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limit);
      }),
    );
  });

  it("keeps the head of a record beyond the limit, and reads the next one", () => {
    const long = `<1>${"a".repeat(100_000)}`;
    for (const stream of [`${long.length} ${long}5 <1>ok`, `${long}\n<1>ok\n`]) {
      const { records, oversize } = cut(Buffer.from(stream), [3, 40_000, 70_000], 1_000);
      expect(records.map(([, text]) => text)).toEqual(["<1>ok"]);
      expect(oversize).toHaveLength(1);
      expect(oversize[0]!.head).toHaveLength(64 * 1024);
      expect(oversize[0]!.length).toBeGreaterThanOrEqual(long.length);
    }
  });

  it("says that a record is incomplete, which was to be longer", () => {
    const { records, incomplete } = cut(Buffer.from("4 <1>a10 <1>abc"), []);
    expect(records).toEqual([[0, "<1>a"]]);
    expect(incomplete.map(({ position, head }) => [position, head.toString()])).toEqual([[6, "10 <1>abc"]]);
  });
});
