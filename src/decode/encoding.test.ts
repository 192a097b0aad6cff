import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Encoding, encodings } from "../encodings.ts";
import type { Event } from "../event.ts";
import { type DecodeFailure, Decoder, type DecoderOptions } from "./decoder.ts";

const utf16 = (text: string, encoding: "utf-16le" | "utf-16be") => {
  const bytes = Buffer.from(text, "utf16le");
  return encoding === "utf-16le" ? bytes : bytes.swap16();
};

/** The bytes that a single-byte encoding has for its characters, found by decoding all 256. */
const singleByte = (encoding: Encoding): Map<string, number> => {
  const decoder = new TextDecoder(encoding);
  return new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Uint8Array.of(byte)), byte]));
};

interface Found {
  readonly position: number;
  readonly message: unknown;
}

const recorder = () => {
  const found: Found[] = [];
  const failures: DecodeFailure[] = [];
  const handlers = {
    event: ({ data, meta }: Event) => void found.push({ position: meta.position, message: data["message"] }),
    failure: (failure: DecodeFailure) => void failures.push(failure),
  };
  return { found, failures, handlers };
};

const options: DecoderOptions = { codec: "text", framing: "newline", maxLine: 1000 };

const pushAll = (
  decoder: Decoder,
  whole: Buffer,
  from: number,
  sizes: readonly number[],
  { handlers }: ReturnType<typeof recorder>,
  after = () => {},
) => {
  let at = from;
  for (let turn = 0; at < whole.length; turn++) {
    const size = Math.max(1, sizes[turn % Math.max(1, sizes.length)] ?? whole.length);
    decoder.push(Buffer.from(whole.subarray(at, at + size)), at, 0, handlers);
    at += Math.min(size, whole.length - at);
    after();
  }
};

/** The lines of a text, with the offset of each in units. */
const linesOf = (text: string) => {
  let at = 0;
  return text.split("\n").flatMap((line) => {
    const position = at;
    at += line.length + 1;
    const message = line.replace(/\r$/, "");
    return message === "" ? [] : [{ position, message }];
  });
};

const line = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 10 }),
  fc.constantFrom("", "\u0a0a", "\u0a00\u000d", "\u0d0a\u0d00", "a\rb", "\u010a", "😀", "\r", "\u0d00"),
);
const text = fc
  .array(
    fc.tuple(
      line.map((part) => part.replaceAll("\n", "")),
      fc.constantFrom("\n", "\r\n"),
    ),
    { maxLength: 12 },
  )
  .chain((lines) => line.map((last) => lines.flat().join("") + last.replaceAll("\n", "")))
  .filter((all) => !all.startsWith("\ufeff"));
const sizes = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 });

describe.each(["utf-16le", "utf-16be"] as const)("%s", (encoding) => {
  const withMark = (all: string) => utf16(`\ufeff${all}`, encoding);
  const expected = (all: string) =>
    linesOf(all).map(({ position, message }) => ({ position: position === 0 ? 0 : 2 + 2 * position, message }));

  it.each(["auto", encoding] as const)(
    "gives the lines of the text, however it is cut, with the option %s",
    (option) => {
      fc.assert(
        fc.property(text, sizes, (all, cuts) => {
          const record = recorder();
          const decoder = new Decoder("in", "s", { ...options, encoding: option });
          const whole = withMark(all);
          pushAll(decoder, whole, 0, cuts, record);
          decoder.end(0, record.handlers);
          expect(record.found).toEqual(expected(all));
          expect(decoder.reached).toBe(whole.length);
        }),
        { numRuns: process.env["WEIR_LONG"] ? 500 : 125 },
      );
    },
  );

  it("continues anywhere it has reached, with the encoding that the source remembers", () => {
    fc.assert(
      fc.property(text, sizes, sizes, (all, cuts, others) => {
        const whole = withMark(all);
        const record = recorder();
        const decoder = new Decoder("in", "s", options);
        pushAll(decoder, whole, 0, cuts, record, () => {
          const { reached } = decoder;
          expect(reached % 2).toBe(0);
          const rest = recorder();
          const resumed = new Decoder("in", "s", { ...options, encoding: reached === 0 ? "auto" : encoding }, reached);
          pushAll(resumed, whole, reached, others, rest);
          resumed.end(0, rest.handlers);
          expect([...record.found, ...rest.found]).toEqual(expected(all));
        });
      }),
      { numRuns: process.env["WEIR_LONG"] ? 200 : 50 },
    );
  });

  it("reads JSON, whole and in lists, and says which encoding a failed record has", () => {
    const objects = [{ a: "é\n" }, { b: 9007199254740991 }];
    for (const framing of ["newline", "whole", "items"] as const) {
      const body =
        framing === "items"
          ? JSON.stringify(objects)
          : framing === "whole"
            ? JSON.stringify(objects[0])
            : objects.map((one) => JSON.stringify(one)).join("\r\n");
      for (const dataRead of ["all", "parts", "none"] as const)
        for (const isOnce of [true, false]) {
          const events: unknown[] = [];
          const failures: DecodeFailure[] = [];
          const handlers = {
            event: ({ data }: Event) => void events.push(data),
            failure: (one: DecodeFailure) => void failures.push(one),
          };
          const decoder = new Decoder("in", "s", { codec: "json", framing, maxLine: 1000, dataRead });
          if (isOnce) for (const _step of decoder.whole(withMark(body), 0, () => 0, handlers));
          else {
            decoder.push(withMark(body), 0, 0, handlers);
            decoder.end(0, handlers);
          }
          expect(events).toEqual(framing === "whole" ? [objects[0]] : objects);
          expect(failures).toEqual([]);
        }
    }
    const { failures, handlers } = recorder();
    const decoder = new Decoder("in", "s", { ...options, codec: "json" });
    decoder.push(withMark("{]\n"), 0, 0, handlers);
    expect(failures).toMatchObject([{ reason: "not_json", encoding, head: utf16("{]", encoding) }]);
  });

  it("replaces and reports half a character", () => {
    for (const broken of [Buffer.concat([withMark("a"), Buffer.from("x")]), withMark("a\ud800\n")]) {
      const invalid: string[] = [];
      const record = recorder();
      const decoder = new Decoder("in", "s", { ...options, onInvalidText: (found) => void invalid.push(found) });
      pushAll(decoder, broken, 0, [1], record);
      decoder.end(0, record.handlers);
      expect(record.found).toEqual([{ position: 0, message: "a\ufffd" }]);
      expect(invalid).toEqual([encoding]);
    }
  });
});

describe("every other encoding", () => {
  const others = encodings.filter((encoding) => !encoding.startsWith("utf-"));

  it.each(others)("%s: gives what TextDecoder gives for each line", (encoding) => {
    const singles = [...singleByte(encoding)].filter(
      ([character]) =>
        character.length === 1 &&
        character !== "\ufffd" &&
        character !== "\n" &&
        character !== "\r" &&
        character !== "\0",
    );
    const word = fc.array(fc.constantFrom(...singles), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(fc.array(word, { minLength: 1, maxLength: 5 }), sizes, (words, cuts) => {
        const whole = Buffer.concat(
          words.flatMap((one) => [Buffer.from(one.map(([, byte]) => byte)), Buffer.from("\r\n")]),
        );
        const record = recorder();
        pushAll(new Decoder("in", "s", { ...options, encoding }), whole, 0, cuts, record);
        expect(record.found.map(({ message }) => message)).toEqual(
          words.map((one) => one.map(([character]) => character).join("")),
        );
      }),
      { numRuns: process.env["WEIR_LONG"] ? 30 : 10 },
    );
  });

  it("reads several bytes as one character, also if one of them looks like JSON", () => {
    const record = recorder();
    // In Shift_JIS, the second byte of 表 is a backslash.
    const bytes = Buffer.from([
      0x7b, 0x22, 0x6d, 0x65, 0x73, 0x73, 0x61, 0x67, 0x65, 0x22, 0x3a, 0x22, 0x95, 0x5c, 0x22, 0x7d, 0x0a,
    ]);
    const lines: DecoderOptions = { ...options, codec: "json", encoding: "shift_jis" };
    for (const dataRead of ["all", "parts", "none"] as const)
      new Decoder("in", "s", { ...lines, dataRead }).push(bytes, 0, 0, record.handlers);
    const list = Buffer.concat([Buffer.from("["), bytes, Buffer.from("]")]);
    const decoder = new Decoder("in", "s", { ...lines, framing: "items" });
    decoder.push(list, 0, 0, record.handlers);
    decoder.end(0, record.handlers);
    expect(record.found.map(({ message }) => message)).toEqual(["表", "表", "表", "表"]);
    expect(record.failures).toEqual([]);
  });
});

describe("bytes that are not UTF-8", () => {
  const bad = fc.constantFrom([0xff], [0xc3], [0xed, 0xa0, 0x80], [0xf8, 0x88, 0x80, 0x80, 0x80], [0xe2, 0x82]);
  const record = fc
    .tuple(fc.string({ maxLength: 8 }), fc.option(bad), fc.string({ maxLength: 8 }))
    .map(([before, bytes, after]) => {
      const inside = (part: string) => Buffer.from(JSON.stringify(part).slice(1, -1));
      const parts = [
        Buffer.from('{"message":"'),
        inside(before),
        Buffer.from(bytes ?? []),
        inside(after),
        Buffer.from('"}'),
      ];
      return { bytes: Buffer.concat(parts), isValid: bytes === null };
    });

  it.each(["all", "parts", "none"] as const)(
    "are reported once for each record, and replaced, kept or rejected (data read: %s)",
    (dataRead) => {
      fc.assert(
        fc.property(
          fc.array(record, { minLength: 1, maxLength: 6 }),
          fc.constantFrom("json", "text"),
          (records, codec) => {
            const whole = Buffer.concat(records.flatMap(({ bytes }) => [bytes, Buffer.from("\n")]));
            const broken = records.filter(({ isValid }) => !isValid);
            for (const invalidText of ["replace", "keep", "reject"] as const) {
              let reported = 0;
              const data: Record<string, unknown>[] = [];
              const heads: Buffer[] = [];
              const onInvalidText = () => void reported++;
              const decoder = new Decoder("in", "s", {
                ...options,
                codec: codec as "json",
                dataRead,
                invalidText,
                onInvalidText,
              });
              decoder.push(whole, 0, 0, {
                event: (event) => void data.push(event.data),
                failure: ({ reason, head }) => {
                  expect(reason).toBe("invalid_text");
                  heads.push(head);
                },
              });
              expect(reported).toBe(broken.length);
              expect(data.length + heads.length).toBe(records.length);
              const kept = data.flatMap(({ raw_base64: raw }) =>
                typeof raw === "string" ? [Buffer.from(raw, "base64")] : [],
              );
              const wanted = broken.map(({ bytes }) => bytes);
              expect(heads).toEqual(invalidText === "reject" ? wanted : []);
              expect(kept).toEqual(invalidText === "keep" ? wanted : []);
            }
          },
        ),
      );
    },
  );

  it("are none in text that contains U+FFFD", () => {
    const onInvalidText = () => expect.unreachable();
    const { found, handlers } = recorder();
    for (const encoding of ["auto", "gb18030"] as const)
      new Decoder("in", "s", { ...options, encoding, onInvalidText }).push(
        encoding === "auto" ? Buffer.from("\ufffd\n") : Buffer.from([0x84, 0x31, 0xa4, 0x37, 0x0a]),
        0,
        0,
        handlers,
      );
    new Decoder("in", "s", { ...options, onInvalidText }).push(utf16("\ufeff\ufffd\n", "utf-16le"), 0, 0, handlers);
    expect(found.map(({ message }) => message)).toEqual(["\ufffd", "\ufffd", "\ufffd"]);
  });
});
