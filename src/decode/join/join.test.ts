import fc from "fast-check";
import { describe, expect, it } from "vitest";
import cri from "../../../plugins/codecs/cri.ts";
import { builtCodec } from "../../codec.ts";
import type { Event } from "../../event.ts";
import { LinearRegex } from "../../regex/index.ts";
import { type DecodeFailure, Decoder, type DecoderOptions } from "../decoder.ts";
import type { Place } from "./joiner.ts";
import type { Multiline } from "./multiline.ts";

const patterns = { start: "^S", continue: "^\\s", end: "E$", unfinished: "\\\\$" } as const;
const limits = { maxLines: 4, maxBytes: 40, timeout: 1000 };
const multilineOf = (rule: Multiline["rule"], change: Partial<Multiline> = {}): Multiline => ({
  rule,
  pattern: new LinearRegex(patterns[rule]),
  ...limits,
  ...change,
});

/** What came out, in short: where, which text, with which flags; or why not. */
interface Found {
  readonly position: number;
  readonly what: string;
}

const recorder = (before: (position: number) => void = () => undefined) => {
  const found: Found[] = [];
  const handlers = {
    event: ({ data, meta }: Event) => {
      before(meta.position);
      const { flags = [] } = (data["log"] ?? {}) as { flags?: string[] };
      found.push({ position: meta.position, what: [data["stream"], data["message"], ...flags].join("|") });
    },
    failure: ({ position, reason, head }: DecodeFailure) => {
      before(position);
      found.push({ position, what: `${reason}|${head.toString("latin1")}` });
    },
  };
  return { found, handlers };
};

/** Pushes `whole` from `from` in blocks of the given sizes, each in one buffer that is used again. */
const pushAll = (
  decoder: Decoder,
  whole: Buffer,
  from: number,
  sizes: readonly number[],
  { handlers }: ReturnType<typeof recorder>,
  afterEach: () => void = () => undefined,
) => {
  const block = Buffer.alloc(whole.length + 1);
  let position = from;
  for (let turn = 0; position < whole.length; turn++) {
    const length = whole.copy(block, 0, position, position + (sizes[turn % Math.max(1, sizes.length)] || whole.length));
    decoder.push(block.subarray(0, length), position, 0, handlers);
    block.fill("#");
    position += length;
    afterEach();
  }
};

interface Text {
  readonly position: number;
  readonly lane: string;
  lines: string[];
  size: number;
  isTruncated: boolean;
}

/** Which lines belong together, by a loop over all of them. `size` is that of the records of a line. */
const joined = (
  lines: readonly { position: number; lane: string; text: string; size: number; isTruncated?: boolean }[],
  rule: Multiline["rule"] | undefined,
  skipsEmpty: boolean,
): Text[] => {
  const texts: Text[] = [];
  const open = new Map<string, Text>();
  for (const { position, lane, text, size, isTruncated = false } of lines) {
    const matches = rule !== undefined && new RegExp(patterns[rule]).test(text);
    let current = open.get(lane);
    if (rule === undefined || (rule === "start" && matches) || (rule === "continue" && !matches)) current = undefined;
    if (current && (current.lines.length === limits.maxLines || current.size + size > limits.maxBytes)) {
      current.isTruncated = true;
      current = undefined;
    }
    if (current) {
      current.lines.push(text);
      current.size += size;
      current.isTruncated ||= isTruncated;
    } else if (text !== "" || !skipsEmpty) {
      current = { position, lane, lines: [text], size, isTruncated };
      texts.push(current);
    }
    if ((rule === "end" && matches) || (rule === "unfinished" && !matches)) current = undefined;
    if (current) open.set(lane, current);
    else open.delete(lane);
  }
  return texts;
};

const shown = ({ position, lane, lines, isTruncated }: Text): Found => {
  const flags = [...(lines.length > 1 ? ["multiline"] : []), ...(isTruncated ? ["truncated"] : [])];
  return { position, what: [lane, lines.join("\n"), ...flags].join("|") };
};

const byPlace = (found: readonly Found[]): Found[] => found.toSorted((a, b) => a.position - b.position);

/** Whatever place is saved, another decoder continues from it with exactly the rest. */
const expectResumes = (
  options: DecoderOptions,
  whole: Buffer,
  sizes: readonly number[],
  expected: readonly Found[],
) => {
  const places: { place: Place; passed: number }[] = [];
  const decoder = new Decoder("in", "s", options);
  const record: ReturnType<typeof recorder> = recorder((position) =>
    places.push({ place: decoder.placeBefore(position), passed: record.found.length }),
  );
  pushAll(decoder, whole, 0, sizes, record, () => places.push({ place: decoder.place, passed: record.found.length }));
  decoder.end(0, record.handlers);
  expect(byPlace(record.found)).toEqual(byPlace(expected));
  expect(decoder.place).toEqual({ position: whole.length });
  for (const { place, passed } of places) {
    const rest = recorder();
    const resumed = new Decoder("in", "s", { ...options, beyond: place.beyond }, place.position);
    pushAll(resumed, whole, place.position, [7, 3], rest);
    resumed.end(0, rest.handlers);
    expect(byPlace([...record.found.slice(0, passed), ...rest.found])).toEqual(byPlace(expected));
  }
};

const line = fc.oneof(
  fc.constantFrom("", "S", "S one", " at two", "\tthree", "four E", "E", "more\\", "\\", "plain", "ü𝄞", " ".repeat(30)),
  fc.string({ unit: fc.constantFrom("S", " ", "E", "\\", "x"), maxLength: 8 }),
);
const cuts = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 8 });
const rule = fc.constantFrom(...(Object.keys(patterns) as Multiline["rule"][]));

describe("lines that belong together", () => {
  it("are those of a plain loop, however the stream is cut, and from each checkpoint on", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(line, fc.constantFrom("\n", "\r\n")), { maxLength: 20 }),
        rule,
        cuts,
        (written, rule, sizes) => {
          const whole = Buffer.from(written.map(([text, end]) => text + end).join(""));
          let position = 0;
          const lines = written.map(([text, end]) => {
            const one = { position, lane: "", text, size: Buffer.byteLength(text) };
            position += Buffer.byteLength(text + end);
            return one;
          });
          const options = { codec: "text", framing: "newline", maxLine: 1000, multiline: multilineOf(rule) } as const;
          expectResumes(options, whole, sizes, joined(lines, rule, true).map(shown));
        },
      ),
      { numRuns: process.env["WEIR_LONG"] ? 300 : 75 },
    );
  });

  it.each(["utf-16le", "utf-16be"] as const)("are found in %s", (encoding) => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), rule, cuts, fc.boolean(), (texts, rule, sizes, hasMark) => {
        const encode = (text: string) => {
          const bytes = Buffer.from(text, "utf16le");
          return encoding === "utf-16le" ? bytes : bytes.swap16();
        };
        const mark = hasMark ? "\ufeff" : "";
        const whole = encode(mark + texts.map((text) => `${text}\n`).join(""));
        let position = 0;
        const lines = texts.map((text, index) => {
          const one = { position, lane: "", text, size: encode(text).length };
          position += encode(`${index === 0 ? mark : ""}${text}\n`).length;
          return one;
        });
        const multiline = multilineOf(rule);
        const options = { codec: "text", framing: "newline", maxLine: 1000, encoding, multiline } as const;
        expectResumes(options, whole, sizes, joined(lines, rule, true).map(shown));
      }),
      { numRuns: process.env["WEIR_LONG"] ? 60 : 15 },
    );
  });

  it("are a JSON document over several lines, with all of its bytes", () => {
    const whole = Buffer.from('{\n "n": 12345678901234567890,\r\n "a": 1\n}\n{"b":2}\n');
    const multiline = multilineOf("start", { pattern: new LinearRegex("^\\{"), maxBytes: 1000 });
    for (const dataRead of ["all", "parts", "none"] as const) {
      const events: Event[] = [];
      const handlers = { event: (event: Event) => void events.push(event), failure: () => expect.unreachable() };
      const decoder = new Decoder("in", "s", {
        codec: "json",
        framing: "newline",
        maxLine: 1000,
        multiline,
        dataRead,
      });
      decoder.push(whole, 0, 0, handlers);
      decoder.end(0, handlers);
      expect(JSON.stringify(events.map(({ data }) => data))).toBe(
        '[{"n":12345678901234567890,"a":1,"log":{"flags":["multiline"]}},{"b":2}]',
      );
    }
  });

  it("go to the dead letter together, with their bytes, if they cannot be read", () => {
    const { found, handlers } = recorder();
    const decoder = new Decoder("in", "s", {
      codec: "json",
      framing: "newline",
      maxLine: 20,
      multiline: multilineOf("start", { maxBytes: 1000 }),
    });
    decoder.push(Buffer.from(`S {\n x\r\n${"y".repeat(21)}\n z\n`), 0, 0, handlers);
    decoder.end(0, handlers);
    expect(found.map(({ what }) => what)).toEqual([
      "not_json|S {\n x",
      `line_too_long|${"y".repeat(21)}`,
      "not_json| z",
    ]);
  });

  it("keep the bytes that are no text", () => {
    const events: Event[] = [];
    const handlers = { event: (event: Event) => void events.push(event), failure: () => expect.unreachable() };
    const options = { codec: "text", framing: "newline", maxLine: 100, invalidText: "keep" } as const;
    const decoder = new Decoder("in", "s", { ...options, multiline: multilineOf("continue") });
    decoder.push(Buffer.from([0x61, 0xff, 10, 32, 0xfe, 10, 0x62, 10]), 0, 0, handlers);
    decoder.end(0, handlers);
    expect(events.map(({ data }) => data)).toEqual([
      {
        message: "a\ufffd\n \ufffd",
        raw_base64: Buffer.from([0x61, 0xff, 10, 32, 0xfe]).toString("base64"),
        log: { flags: ["multiline"] },
      },
      { message: "b" },
    ]);
  });

  it("are passed on when nothing has come for a while, and not before", () => {
    let now = 0;
    const options = { codec: "text", framing: "newline", maxLine: 1000, multiline: multilineOf("start") } as const;
    const { found, handlers } = recorder();
    const decoder = new Decoder("in", "s", { ...options, readingTime: () => now });
    expect(decoder.due).toBeUndefined();
    decoder.push(Buffer.from("S one\n at\nhal"), 0, 0, handlers);
    expect(decoder.due).toBe(1000);
    now = 999;
    decoder.closeTexts(0, handlers, now);
    expect(found).toEqual([]);
    now = 1000;
    decoder.closeTexts(0, handlers, now);
    expect(found).toEqual([{ position: 0, what: "|S one\n at|multiline" }]);
    expect([decoder.place, decoder.due]).toEqual([{ position: 10 }, undefined]);
    decoder.push(Buffer.from("f\n"), 13, 0, handlers);
    expect(decoder.due).toBe(2000);
  });

  it("end with their request, however large it is, and are not joined if a request is one record", () => {
    for (const [framing, wanted] of [
      ["newline", ["|S one\n at|multiline", "|S two"]],
      ["whole", ["|S one\n at\nS two"]],
    ] as const) {
      const { found, handlers } = recorder();
      const decoder = new Decoder("in", "s", {
        codec: "text",
        framing,
        maxLine: 1000,
        multiline: multilineOf("start"),
      });
      for (const _step of decoder.whole(Buffer.from("S one\n at\nS two"), 0, () => 0, handlers));
      expect(found.map(({ what }) => what)).toEqual(wanted);
    }
  });

  it("take time in proportion to the text: a line of 1 MB, and 10,000 lines", () => {
    const { found, handlers } = recorder();
    const multiline = multilineOf("start", { maxLines: 100_000, maxBytes: 1 << 30 });
    const decoder = new Decoder("in", "s", { codec: "text", framing: "newline", maxLine: 1 << 24, multiline });
    const whole = Buffer.from(`S${"x".repeat(1 << 20)}\n${" at x\n".repeat(10_000)}`);
    decoder.push(whole, 0, 0, handlers);
    decoder.end(0, handlers);
    expect(found).toHaveLength(1);
    expect(found[0]!.what).toHaveLength(whole.length + "|multiline".length);
  });
});

const containerLog = builtCodec(cri as never, {});
const time = "2026-01-02T03:04:05.123456789Z";

describe("lines of a container's two streams", () => {
  const record = fc.record({
    lane: fc.constantFrom("stdout", "stderr"),
    isPartial: fc.boolean(),
    text: line,
    isBroken: fc.nat({ max: 9 }).map((number) => number === 0),
  });

  it("are joined as by a plain loop, each stream by itself, and from each checkpoint on exactly once", () => {
    fc.assert(
      fc.property(
        fc.array(record, { maxLength: 20 }),
        fc.option(rule, { nil: undefined }),
        fc.constantFrom(80, 1000),
        cuts,
        (records, rule, maxLine, sizes) => {
          const lines: Parameters<typeof joined>[0][number][] = [];
          const failures: Found[] = [];
          const parts = new Map<string, { position: number; text: string; size: number }>();
          let written = "";
          const finish = (lane: string, isCut: boolean) => {
            const part = parts.get(lane)!;
            lines.push({ ...part, lane, isTruncated: isCut });
            parts.delete(lane);
          };
          for (const { lane, isPartial, text, isBroken } of records) {
            const position = Buffer.byteLength(written);
            const whole = isBroken ? `broken ${text}x` : `${time} ${lane} ${isPartial ? "P" : "F"} ${text}`;
            written += `${whole}\n`;
            if (isBroken) {
              failures.push({ position, what: `codec_error|${Buffer.from(whole).toString("latin1")}` });
              continue;
            }
            const size = Buffer.byteLength(whole);
            const open = parts.get(lane);
            if (open && open.size + size > maxLine) finish(lane, true);
            const part = parts.get(lane) ?? { position, text: "", size: 0 };
            parts.set(lane, { ...part, text: part.text + text, size: part.size + size });
            if (!isPartial) finish(lane, false);
          }
          for (const lane of [...parts.keys()]) finish(lane, true);
          const multiline = rule && multilineOf(rule);
          const options: DecoderOptions = { codec: containerLog, framing: "newline", maxLine, multiline };
          const expected = [...failures, ...joined(lines, rule, false).map(shown)];
          expectResumes(options, Buffer.from(written), sizes, expected);
        },
      ),
      { numRuns: process.env["WEIR_LONG"] ? 400 : 100 },
    );
  });

  it("are joined of 200,000 parts, as a line that goes on", () => {
    const { found, handlers } = recorder();
    const multiline = {
      rule: "continue",
      pattern: new LinearRegex("^x"),
      maxLines: 9,
      maxBytes: 1 << 30,
      timeout: 1,
    } as const;
    const decoder = new Decoder("in", "s", { codec: containerLog, framing: "newline", maxLine: 1 << 30, multiline });
    const parts = `${time} stdout P x\n`.repeat(200_000);
    decoder.push(Buffer.from(`${time} stdout F a\n${parts}${time} stdout F x\n${time} stdout F b\n`), 0, 0, handlers);
    expect(found).toHaveLength(1);
    expect(found[0]!.what).toBe(`stdout|a\n${"x".repeat(200_001)}|multiline`);
  });

  it("are joined of 10,000 parts, while the other stream goes on", () => {
    const { found, handlers } = recorder();
    const decoder = new Decoder("in", "s", { codec: containerLog, framing: "newline", maxLine: 1 << 24 });
    const one = `${time} stdout P ${"x".repeat(100)}\n${time} stderr F y\n`;
    decoder.push(Buffer.from(`${one.repeat(10_000)}${time} stdout F z\n`), 0, 0, handlers);
    expect(found).toHaveLength(10_001);
    expect(found.at(-1)).toEqual({ position: 0, what: `stdout|${"x".repeat(1_000_000)}z` });
    expect(decoder.place).toEqual({ position: one.length * 10_000 + time.length + " stdout F z\n".length });
  });

  it("have names that a codec chooses: few at a time, and not longer than is useful", () => {
    const unwrap = (text: string) => ({ lane: text.split(" ", 1)[0]!, text, isPartial: true, data: {} });
    const { found, handlers } = recorder();
    const decoder = new Decoder("in", "s", { codec: { name: "own", unwrap }, framing: "newline", maxLine: 1000 });
    const names = Array.from({ length: 17 }, (_, index) => (index === 3 ? "__proto__" : `lane${index}`));
    const whole = [...names, " unnamed", "l".repeat(65)].map((name) => `${name} x\n`).join("");
    decoder.push(Buffer.from(whole), 0, 0, handlers);
    expect(found.map(({ what }) => what.split("|")[0])).toEqual([
      ...new Array(16).fill(""),
      "codec_error",
      "codec_error",
    ]);
    expect(decoder.place.position).toBe(whole.indexOf("lane16"));
    expect(Object.keys(decoder.place.beyond ?? {})).toEqual([""]);
  });
});
