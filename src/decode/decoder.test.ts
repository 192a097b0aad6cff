import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Event, jsonOf } from "../event.ts";
import { type DecodeFailure, Decoder, type DecoderOptions } from "./decoder.ts";

interface Found {
  readonly position: number;
  /** The text of an event, or the reason of a failure and its head. */
  readonly what: string;
}

const byPlainSplit = (whole: Buffer, maxLine: number): Found[] => {
  const found: Found[] = [];
  for (let start = 0; start < whole.length; ) {
    while (whole[start] === 0) start++;
    const lineEnd = whole.indexOf("\n", start);
    const hole = whole.indexOf(Buffer.alloc(16), start);
    const end = Math.min(lineEnd < 0 ? whole.length : lineEnd, hole < 0 ? whole.length : hole);
    const raw = whole.subarray(start, end);
    const text = (start === 0 ? raw.toString("utf8").replace(/^\uFEFF/, "") : raw.toString("utf8")).replace(/\r$/, "");
    if (raw.length > maxLine)
      found.push({ position: start, what: `line_too_long ${raw.length} ${raw.toString("hex")}` });
    else if (text !== "") found.push({ position: start, what: text });
    start = whole[end] === 0 ? end : end + 1;
  }
  return found;
};

const recorder = () => {
  const found: Found[] = [];
  const handlers = {
    event: ({ data, meta }: Event) => void found.push({ position: meta.position, what: String(data["message"]) }),
    failure: ({ position, reason, message, head }: DecodeFailure) =>
      void found.push({ position, what: `${reason} ${/\d+/.exec(message)?.[0]} ${head.toString("hex")}` }),
  };
  return { found, handlers };
};

const line = fc.oneof(
  { weight: 4, arbitrary: fc.string({ unit: "grapheme", maxLength: 12 }) },
  fc.string({ unit: "binary", minLength: 20, maxLength: 60 }),
  fc.constantFrom(
    "",
    "\0",
    "\0\0text",
    "a\0b",
    "\0".repeat(30),
    `torn${"\0".repeat(15)}`,
    `torn${"\0".repeat(40)}text`,
    `a\0b${"\0".repeat(16)}`,
    "\r",
    "\uFEFF",
    "\uFEFFtext",
    "a\rb",
  ),
);
const wholeStream = fc
  .tuple(fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n", "\n\n")), { maxLength: 25, size: "max" }), line)
  .map(([lines, last]) => Buffer.from(lines.map(([text, end]) => text + end).join("") + last, "utf8"));
const options: DecoderOptions = { codec: "text", framing: "newline", maxLine: 24 };

/** Pushes `whole` from `from` in blocks of the given sizes, through one buffer that is reused for each. */
const pushAll = (
  decoder: Decoder,
  whole: Buffer,
  from: number,
  sizes: readonly number[],
  handlers: ReturnType<typeof recorder>["handlers"],
  afterEach: () => void = () => undefined,
) => {
  const block = Buffer.alloc(Math.max(1, ...sizes, whole.length));
  let position = from;
  for (let turn = 0; position < whole.length; turn++) {
    const size = sizes[turn] ?? whole.length - position;
    const length = whole.copy(block, 0, position, Math.min(whole.length, position + size));
    decoder.push(block.subarray(0, length), position, 0, handlers);
    block.fill("#");
    position += length;
    afterEach();
  }
};

describe("a decoder of lines", () => {
  it("finds what a plain split of the whole stream finds, however it is cut into blocks", () => {
    fc.assert(
      fc.property(
        wholeStream,
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60, size: "max" }),
        (whole, sizes) => {
          const { found, handlers } = recorder();
          const decoder = new Decoder("in", "s", options);
          pushAll(decoder, whole, 0, sizes, handlers);
          decoder.end(0, handlers);
          expect(found).toEqual(byPlainSplit(whole, options.maxLine));
          expect(decoder.reached).toBe(whole.length);
        },
      ),
      { numRuns: process.env["WEIR_LONG"] ? 500 : 125 },
    );
  });

  it("reaches, after each block, a position from which another decoder finds exactly the rest", () => {
    fc.assert(
      fc.property(
        wholeStream,
        fc.array(fc.integer({ min: 0, max: 40 }), { maxLength: 60, size: "max" }),
        fc.nat({ max: 8 }),
        (whole, sizes, step) => {
          const expected = byPlainSplit(whole, options.maxLine);
          const { found, handlers } = recorder();
          const decoder = new Decoder("in", "s", options);
          pushAll(decoder, whole, 0, sizes, handlers, () => {
            const { reached } = decoder;
            expect(
              reached === 0 || whole[reached - 1] === 0x0a || whole[reached - 1] === 0 || whole[reached] === 0,
            ).toBe(true);
            expect(found).toEqual(expected.filter(({ position }) => position < reached));
            const rest = recorder();
            const resumed = new Decoder("in", "s", options, reached);
            pushAll(resumed, whole, reached, new Array(50).fill(step + 1), rest.handlers);
            resumed.end(0, rest.handlers);
            expect([...found, ...rest.found]).toEqual(expected);
          });
        },
      ),
      { numRuns: process.env["WEIR_LONG"] ? 200 : 50 },
    );
  });

  it("keeps the first 64 KiB of a line beyond the limit, reports its length, and reads the next line", () => {
    const long = Buffer.alloc(300_000, "x");
    const whole = Buffer.concat([Buffer.from("a\n"), long, Buffer.from("\nb\n")]);
    for (const size of [1_000, 65_536, 100_001, whole.length]) {
      const failures: DecodeFailure[] = [];
      const messages: unknown[] = [];
      const handlers = {
        event: ({ data, meta }: Event) => void messages.push([meta.position, data["message"]]),
        failure: (failure: DecodeFailure) => void failures.push(failure),
      };
      const decoder = new Decoder("in", "s", { ...options, maxLine: 100_000 });
      pushAll(decoder, whole, 0, new Array(400).fill(size), handlers);
      expect(messages).toEqual([
        [0, "a"],
        [300_003, "b"],
      ]);
      expect(failures).toHaveLength(1);
      expect(failures[0]).toMatchObject({ position: 2, reason: "line_too_long" });
      expect(failures[0]!.message).toContain("300000 bytes");
      expect(failures[0]!.head.equals(long.subarray(0, 65_536))).toBe(true);
    }
  });

  it("reads the line after a run of zero bytes of any length", () => {
    const whole = Buffer.concat([Buffer.from("one\n"), Buffer.alloc(5_000_000), Buffer.from("two\nthree\n")]);
    for (const size of [65_536, whole.length]) {
      const { found, handlers } = recorder();
      pushAll(new Decoder("in", "s", options), whole, 0, new Array(100).fill(size), handlers);
      expect(found).toEqual([
        { position: 0, what: "one" },
        { position: 5_000_004, what: "two" },
        { position: 5_000_008, what: "three" },
      ]);
    }
  });

  it("reads the line after a hole that follows a torn line, also if it is longer than the longest line, and counts it", () => {
    for (const length of [16, 4096, 100_000]) {
      const whole = Buffer.concat([
        Buffer.from("one\ntorn"),
        Buffer.alloc(length),
        Buffer.from("two\n"),
        Buffer.alloc(9),
      ]);
      for (const size of [7, 4096, whole.length]) {
        const { found, handlers } = recorder();
        const counts: number[] = [];
        const counting = { ...handlers, zeros: (count: number) => void counts.push(count) };
        const decoder = new Decoder("in", "s", options);
        pushAll(decoder, whole, 0, new Array(Math.ceil(whole.length / size)).fill(size), counting);
        expect(found.map(({ what }) => what)).toEqual(["one", "torn", "two"]);
        expect(counts.reduce((sum, count) => sum + count)).toBe(length + 9);
        expect(decoder.reached).toBe(whole.length - 9);
        const last = Buffer.from("three\n");
        decoder.push(last, whole.length, 0, counting);
        expect(found.at(-1)).toEqual({ position: whole.length, what: "three" });
      }
    }
  });

  it("treats an empty block as no bytes: an incomplete line before it stays open", () => {
    const { found, handlers } = recorder();
    const decoder = new Decoder("in", "s", options);
    decoder.push(Buffer.from("one\ntw"), 0, 0, handlers);
    decoder.push(new Uint8Array(0), 6, 0, handlers);
    expect(decoder.reached).toBe(4);
    decoder.push(Buffer.from("o\n"), 6, 0, handlers);
    expect(found).toEqual([
      { position: 0, what: "one" },
      { position: 4, what: "two" },
    ]);
  });

  it("has reached the position of the stream before the first byte and after an empty block", () => {
    for (const framing of ["newline", "whole"] as const) {
      const decoder = new Decoder("in", "s", { ...options, framing }, 77);
      expect(decoder.reached).toBe(77);
      decoder.push(new Uint8Array(0), 80, 0, recorder().handlers);
      expect(decoder.reached).toBe(80);
      decoder.end(0, recorder().handlers);
      expect(decoder.reached).toBe(80);
    }
  });
});

describe("a decoder of whole streams", () => {
  it("gives one record for all blocks, at the end, unless it is empty or too long", () => {
    fc.assert(
      fc.property(
        wholeStream,
        fc.array(fc.integer({ min: 1, max: 40 })),
        fc.nat({ max: 100 }),
        (body, sizes, start) => {
          const whole = Buffer.concat([Buffer.alloc(start, "-"), body]);
          const { found, handlers } = recorder();
          const decoder = new Decoder("in", "s", { ...options, framing: "whole", maxLine: 60 }, start);
          pushAll(decoder, whole, start, sizes, handlers, () => {
            expect(found).toEqual([]);
            expect(decoder.reached).toBe(start);
          });
          decoder.end(0, handlers);
          expect(decoder.reached).toBe(whole.length);
          const text = start === 0 ? body.toString("utf8").replace(/^\uFEFF/, "") : body.toString("utf8");
          if (body.length > 60)
            expect(found).toEqual([{ position: start, what: expect.stringMatching(`^line_too_long ${body.length} `) }]);
          else expect(found).toEqual(text === "" ? [] : [{ position: start, what: text }]);
        },
      ),
    );
  });

  it("keeps the first 64 KiB of a body beyond the limit", () => {
    const failures: DecodeFailure[] = [];
    const handlers = { event: () => undefined, failure: (failure: DecodeFailure) => void failures.push(failure) };
    const decoder = new Decoder("in", "s", { codec: "json", framing: "whole", maxLine: 70_000 });
    pushAll(decoder, Buffer.alloc(200_000, "y"), 0, new Array(100).fill(9_000), handlers);
    decoder.end(0, handlers);
    expect(failures).toHaveLength(1);
    expect(failures[0]!.head.equals(Buffer.alloc(65_536, "y"))).toBe(true);
    expect(failures[0]!.message).toContain("200000 bytes");
  });
});

describe("the json codec", () => {
  const decode = (text: string) => {
    const events: unknown[] = [];
    const failures: DecodeFailure[] = [];
    const decoder = new Decoder("in", "s", { codec: "json", framing: "newline", maxLine: 1_000 });
    decoder.push(Buffer.from(text), 0, 17, {
      event: ({ data, meta }) => void events.push([meta.id, meta.ingested, data]),
      failure: (failure) => void failures.push(failure),
    });
    return { events, failures };
  };

  it("reads objects, with an id made of source, stream and position", () => {
    expect(decode('\uFEFF{"a":1}\r\n\n{"b":[]}\n').events).toEqual([
      ["in/s@0", 17, { a: 1 }],
      ["in/s@13", 17, { b: [] }],
    ]);
  });

  it("fails on what is not JSON, and on JSON that is not an object, with the record and its position", () => {
    const { events, failures } = decode('{"a":\n[1]\n"x"\nnull\n7\n{"ok":true}\n');
    expect(events).toEqual([["in/s@21", 17, { ok: true }]]);
    expect(failures.map(({ position, reason, head }) => [position, reason, head.toString()])).toEqual([
      [0, "not_json", '{"a":'],
      [6, "not_an_object", "[1]"],
      [10, "not_an_object", '"x"'],
      [14, "not_an_object", "null"],
      [19, "not_an_object", "7"],
    ]);
    expect(failures[1]!.message).toBe("the record is an array; it must be a JSON object");
  });

  it("gives the same events and failures whether it parses records or only checks them", () => {
    const record = fc.oneof(
      fc.dictionary(fc.string(), fc.jsonValue()).map((data) => JSON.stringify(data)),
      fc.jsonValue().map((value) => JSON.stringify(value)),
      fc.constantFrom('{"a":1,"a":2}', '{"a":1.0}', '{"a":01}', " {} ", "{}x", '{"a":"\t"}', '{"a":"\ufffd"}'),
      fc.nat({ max: 700 }).map((depth) => `{"a":${"[".repeat(depth)}${"]".repeat(depth)}}`),
    );
    const bytes = fc.tuple(record, fc.nat(), fc.option(fc.nat({ max: 255 }), { freq: 1 })).map(([text, at, byte]) => {
      const bytes = Buffer.from(text);
      if (byte !== null && bytes.length > 0) bytes[at % bytes.length] = byte;
      return bytes;
    });
    fc.assert(
      fc.property(fc.array(bytes), (records) => {
        const found = (["all", "parts", "none"] as const).map((dataRead) => {
          const found: unknown[] = [];
          const decoder = new Decoder("in", "s", { codec: "json", framing: "newline", maxLine: 10_000, dataRead });
          decoder.push(Buffer.concat(records.flatMap((record) => [record, Buffer.from("\n")])), 0, 17, {
            event: (event, bytes) => void found.push([event.meta.id, bytes, jsonOf(event), event.data]),
            failure: (failure) => void found.push(failure),
          });
          return found;
        });
        expect(found[1]).toEqual(found[0]);
        expect(found[2]).toEqual(found[0]);
      }),
      { numRuns: process.env["WEIR_LONG"] ? 500 : 125 },
    );
  });

  it("limits nesting, and sends the bytes of deeper records to the dead letter", () => {
    const nested = (levels: number) => `${'{"a":'.repeat(levels)}1${"}".repeat(levels)}`;
    const lines = (level: string) => decode(`${level}\n`);
    expect(lines(nested(150)).events).toHaveLength(1);
    const decoder = (levels: number, dataRead: "all" | "parts" | "none") => {
      const failures: DecodeFailure[] = [];
      const whole = new Decoder("in", "s", { codec: "json", framing: "whole", maxLine: 1 << 20, dataRead });
      const handlers = { event: () => undefined, failure: (failure: DecodeFailure) => void failures.push(failure) };
      whole.push(Buffer.from(nested(levels)), 0, 17, handlers);
      whole.end(17, handlers);
      return failures;
    };
    for (const dataRead of ["all", "parts", "none"] as const) {
      expect(decoder(512, dataRead)).toEqual([]);
      for (const levels of [513, 20_000])
        expect(decoder(levels, dataRead)).toMatchObject([
          { reason: "too_deep", head: Buffer.from(nested(levels).slice(0, 65_536)) },
        ]);
    }
  });
});
