import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isObject, maxDepth } from "./json.ts";
import { survey } from "./json-survey.ts";
import { hasDistinctNames, scanObject, scanText } from "./json-text.ts";

/** A value as written: members keep their order, and their names may repeat. */
type Written =
  | { readonly text: string }
  | { readonly items: readonly Written[] }
  | { readonly members: readonly (readonly [name: string, value: Written])[] };

const number = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value)),
  fc.constantFrom("12345678901234567890", "1.0", "1e400", "-0", "0e0", "1E+7", "1e-07", "-1.50e2"),
);
const string = fc.oneof(
  fc.string({ unit: "binary", maxLength: 8 }).map((value) => JSON.stringify(value)),
  fc.constantFrom('"\\u0061"', '"\\ud800"', '"\\uDFFF\\u0000"', '"\\/\\b\\f"', '"\ud83d\ude00"', '"é:\\":"', '":"'),
);
const word = fc.constantFrom("true", "false", "null");
const name = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom('"a"', '"b"', '"\\u0061"', '"__proto__"', '""', '"0"') },
  string,
);

const { value } = fc.letrec<{ value: Written; object: Written }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4, depthIdentifier: "json" },
    fc.oneof(number, string, word).map((text) => ({ text })),
    fc.array(tie("value"), { maxLength: 4, depthIdentifier: "json" }).map((items) => ({ items })),
    tie("object"),
  ),
  object: fc
    .array(fc.tuple(name, tie("value")), { maxLength: 5, depthIdentifier: "json" })
    .map((members) => ({ members })),
}));
const object = fc.array(fc.tuple(name, value), { maxLength: 6 }).map((members): Written => ({ members }));
const gap = fc.constantFrom("", "", "", " ", "\t", "\n", "\r\n  ");

const print = (written: Written, space: () => string): string => {
  if ("text" in written) return written.text;
  if ("items" in written)
    return `[${space()}${written.items.map((item) => print(item, space) + space()).join(`,${space()}`)}]`;
  const members = written.members.map(
    ([name, value]) => `${name}${space()}:${space()}${print(value, space)}${space()}`,
  );
  return `{${space()}${members.join(`,${space()}`)}}`;
};

/** Text with white space wherever JSON allows it. */
const spaced = (written: fc.Arbitrary<Written>) =>
  fc.tuple(written, fc.array(gap, { minLength: 1, maxLength: 12 })).map(([written, gaps]) => {
    let turn = 0;
    const space = () => gaps[turn++ % gaps.length]!;
    return { written, text: space() + print(written, space) + space() };
  });

const repeatsName = (written: Written): boolean => {
  if ("text" in written) return false;
  if ("items" in written) return written.items.some(repeatsName);
  const names = written.members.map(([name]) => JSON.parse(name) as string);
  return new Set(names).size < names.length || written.members.some(([, value]) => repeatsName(value));
};

/** Whether JSON.parse accepts the same bytes as an object, up to the limit of nesting. */
const isTaken = (bytes: Buffer): boolean => {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8"));
    return isObject(value) && !survey(value).isTooDeep;
  } catch {
    return false;
  }
};

const scan = (bytes: Buffer) => scanObject(bytes, 0, bytes.length);

interface Change {
  readonly at: number;
  readonly remove: number;
  readonly insert: Buffer;
}
const scrap = fc.oneof(
  fc
    .constantFrom(
      ...'{}[],:"\\/ -+.eE0123456789tfnu\t\n\r\v\f\0\x1f\x7f',
      "\ufeff",
      "\u2028",
      "\\u",
      "\\x",
      "tru",
      "NaN",
    )
    .map((text) => Buffer.from(text)),
  fc
    .constantFrom([0x80], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf0, 0x9f], [0xff], [0xef, 0xbb, 0xbf])
    .map((bytes) => Buffer.from(bytes)),
);
const change: fc.Arbitrary<Change> = fc.record({
  at: fc.nat(),
  remove: fc.nat({ max: 2 }),
  insert: fc.oneof(fc.constant(Buffer.alloc(0)), scrap),
});
const changed = (bytes: Buffer, { at, remove, insert }: Change): Buffer => {
  const from = at % (bytes.length + 1);
  return Buffer.concat([bytes.subarray(0, from), insert, bytes.subarray(from + remove)]);
};

describe("scanObject", () => {
  it("accepts every object that JSON.parse accepts, and finds repeated names", () => {
    fc.assert(
      fc.property(spaced(object), ({ written, text }) => {
        const found = scan(Buffer.from(text));
        expect(found).not.toBe("refused");
        expect(found).toBe(scanText(text));
        if (found === "distinct") expect(repeatsName(written)).toBe(false);
        if (found === "doubtful") expect(repeatsName(written) || text.includes("\\")).toBe(true);
      }),
      { numRuns: process.env["WEIR_LONG"] ? 2000 : 500 },
    );
  });

  it("accepts of broken JSON exactly what JSON.parse accepts", () => {
    fc.assert(
      fc.property(spaced(fc.oneof(object, value)), fc.array(change, { maxLength: 3 }), ({ text }, changes) => {
        const bytes = changes.reduce(changed, Buffer.from(text));
        expect(scan(bytes) !== "refused").toBe(isTaken(bytes));
      }),
      { numRuns: process.env["WEIR_LONG"] ? 10_000 : 2_500 },
    );
  });

  it("accepts of random characters exactly what JSON.parse accepts", () => {
    const soup = fc.string({
      unit: fc.constantFrom(...'{}[],:"\\ -+.e01u', "true", "null", '"a":', "{", "}"),
      maxLength: 16,
    });
    fc.assert(
      fc.property(soup, (text) => {
        for (const whole of [text, `{${text}}`, `{"a":${text}}`, `{"a":[${text}]}`]) {
          const bytes = Buffer.from(whole);
          expect(scan(bytes) !== "refused").toBe(isTaken(bytes));
        }
      }),
      { numRuns: process.env["WEIR_LONG"] ? 5000 : 1_250 },
    );
  });

  it("reads only its range of the bytes", () => {
    fc.assert(
      fc.property(
        spaced(object),
        fc.string({ maxLength: 4 }),
        fc.string({ maxLength: 4 }),
        ({ text }, before, after) => {
          const [head, body] = [Buffer.from(before), Buffer.from(text)];
          const block = Buffer.concat([head, body, Buffer.from(after)]);
          expect(scanObject(block, head.length, head.length + body.length)).toBe(scan(body));
          const [short] = [body.subarray(0, -1)];
          expect(scanObject(block, head.length, head.length + short.length)).toBe(scan(short));
        },
      ),
    );
  });

  it.each([
    ["lists", "[", "]"],
    ["objects", '{"a":', "}"],
    ["both", '[{"a":', "}]"],
  ])("refuses nesting beyond the limit, in %s, however deep", (_, opening, closing) => {
    const levels = opening.length === 6 ? 2 : 1;
    const nested = (depth: number) =>
      Buffer.from(`{"a":${opening.repeat(depth)}1${closing.repeat(depth)}${" ".repeat(3)}}`);
    const most = Math.floor((maxDepth - 1) / levels);
    expect(scan(nested(most))).toBe("distinct");
    for (const depth of [most + 1, 6_000, 200_000]) {
      expect(scan(nested(depth))).toBe("refused");
      expect(survey(JSON.parse(nested(depth).toString())).isTooDeep).toBe(true);
    }
    expect(isTaken(nested(most))).toBe(true);
    expect(scan(Buffer.from(`{"a":${opening.repeat(6_000)}`))).toBe("refused");
  });

  it("finds one repeated name among very many, or is doubtful", () => {
    for (const count of [2, 24, 25, 26, 1_000, 70_000]) {
      const names = Array.from({ length: count }, (_, index) => `"n${index}":0`);
      const found = scanText(`{${names.join()}}`);
      if (count < 70_000) expect(found).toBe("distinct");
      expect(scanText(`{${[...names, '"n1":1'].join()}}`)).toBe("doubtful");
      expect(scanText(`{"inner":{${[...names, '"n0":1'].join()}},"n0":1}`)).toBe("doubtful");
    }
    expect(scanText(`${'{"a":{"a":['.repeat(50)}{"a":1},{"a":2}${"]}}".repeat(50)}`)).toBe("distinct");
  });
});

describe("hasDistinctNames", () => {
  it("agrees with the scan, whatever is in strings and between tokens", () => {
    fc.assert(
      fc.property(spaced(object), ({ written, text }) => {
        const isDistinct = hasDistinctNames(text, survey(JSON.parse(text)).members);
        if (repeatsName(written)) expect(isDistinct).toBe(false);
        if (scanText(text) === "distinct") expect(isDistinct).toBe(true);
      }),
      { numRuns: process.env["WEIR_LONG"] ? 3000 : 750 },
    );
  });

  it.each([
    ['{"a":1,"a":2,"b" :3}', false],
    ['{"a":{"x":1,"y":2},"a":":\\":"}', false],
    ['{"a":":b","c":"\\":"}', true],
    ['{"a\\":":1}', false],
  ])("of %s is %s", (text, expected) =>
    expect(hasDistinctNames(text, survey(JSON.parse(text)).members)).toBe(expected),
  );
});
