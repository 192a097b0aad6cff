import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExactNumber } from "./exact-number.ts";
import { maxDepth } from "./json.ts";
import { parseJson } from "./parse-json.ts";

/** A decimal number as a reduced fraction of two integers: an oracle that shares nothing with the code. */
const decimalValue = (text: string): string => {
  const [mantissa = "", exponent = "0"] = text.toLowerCase().split("e");
  const [whole = "", fraction = ""] = mantissa.split(".");
  const power = Number(exponent) - fraction.length;
  let [digits, shift] = [BigInt(whole + fraction), power];
  while (digits !== 0n && digits % 10n === 0n) [digits, shift] = [digits / 10n, shift + 1];
  return digits === 0n ? "0" : `${digits}e${shift}`;
};

const digits = (most: number) => fc.stringMatching(new RegExp(`^[0-9]{1,${most}}$`));
const whole = fc.oneof(
  fc.constant("0"),
  fc.tuple(fc.integer({ min: 1, max: 9 }), digits(30)).map((parts) => parts.join("")),
  fc.bigInt({ min: 2n ** 53n - 4n, max: 2n ** 53n + 4n }).map(String),
  fc.bigInt({ min: 2n ** 63n - 4n, max: 2n ** 64n + 4n }).map(String),
);
const exponent = fc
  .tuple(
    fc.constantFrom("e", "E"),
    fc.constantFrom("", "+", "-"),
    fc.oneof(digits(2), fc.nat({ max: 420 }).map(String)),
  )
  .map((parts) => parts.join(""));
const number = fc
  .tuple(
    fc.constantFrom("", "-"),
    whole,
    fc.option(fc.oneof(digits(3), digits(25)), { nil: undefined }),
    fc.option(exponent, { nil: "", freq: 4 }),
  )
  .map(
    ([sign, integer, fraction, power]) => `${sign}${integer}${fraction === undefined ? "" : `.${fraction}`}${power}`,
  );
const double = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value));

/** What a double, or a number that is so small that it counts as the integer nearest to it, may change. */
const isRoundedToInteger = (text: string) => Number.isSafeInteger(Number(text));

describe("parseJson", () => {
  it("writes every number back with its value, and whole digits as they were, in any place", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(number, double), { minLength: 1, maxLength: 5 }), (numbers) => {
        const text = `{"a":${numbers[0]},"b":[[${numbers.join(" , ")}],{"c":"${numbers[0]}"}]}`;
        const { a, b } = parseJson(text) as { a: unknown; b: [unknown[], { c: string }] };
        expect(b[1].c).toBe(numbers[0]);
        for (const [index, value] of [a, ...b[0]].entries()) {
          const source = numbers[Math.max(0, index - 1)]!;
          const written = JSON.stringify(value);
          if (isRoundedToInteger(source)) expect(Number(written) - Number(source)).toBe(0);
          else expect(decimalValue(written)).toBe(decimalValue(source));
          if (/^-?\d+$/.test(source) && BigInt(source) !== 0n) expect(written).toBe(source);
        }
      }),
      { numRuns: 2000 },
    );
  });

  it("gives JavaScript's numbers wherever they keep the value", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const parsed = parseJson(JSON.stringify(value));
        expect(JSON.stringify(parsed)).toBe(JSON.stringify(JSON.parse(JSON.stringify(value))));
      }),
    );
    const text = '{"a":9007199254740991,"b":0.1,"c":1e21,"d":1.50,"e":-0,"f":"12345678901234567890"}';
    expect(parseJson(text)).toStrictEqual(JSON.parse(text));
  });

  it.each([
    ["9007199254740992"],
    ["-9007199254740993"],
    ["1152921504606846976"],
    ["0.1000000000000000055"],
    ["0.10000000000000001"],
    ["123456789.0123456789"],
    ["1e400"],
    ["-1E+400"],
    ["4.9e-324"],
  ])("keeps %s", (text) => {
    const list = parseJson(`{"a":"7.5e-","n":${text},"x":0.5}`) as { n: ExactNumber };
    expect(list.n).toEqual(new ExactNumber(text));
    expect(list.n).not.toEqual(new ExactNumber("1"));
    expect(JSON.stringify(parseJson(text))).toBe(text);
    expect(`${list.n}`).toBe(text);
  });

  it("keeps numbers apart, however alike and however many", () => {
    const numbers = [
      "1e17",
      "3e+17",
      "-2e17",
      "9007199254740994.0",
      "1.7e308",
      "9007199254740993",
      "200000000000000000",
    ];
    const many = Array.from({ length: 2_000 }, (_, n) => numbers[(n * n) % numbers.length]!);
    const { a, b } = parseJson(`{"a":[${many.join()}],"b":{"c":1e17,"d":9007199254740993}}`) as Record<string, never>;
    expect(a).toEqual(many.map((text) => (/^\d+$/.test(text) ? new ExactNumber(text) : Number(text))));
    expect(b).toEqual({ c: 1e17, d: new ExactNumber("9007199254740993") });
  });

  it("does not look into what is nested too deep, whatever is in it", () => {
    const nested = (depth: number) => `${"[".repeat(depth)}12345678901234567890${"]".repeat(depth)}`;
    expect(JSON.stringify(parseJson(nested(maxDepth)))).toBe(nested(maxDepth));
    expect(() => parseJson(nested(200_000))).not.toThrow();
  });

  it("replaces nothing but numbers, under any name", () => {
    const text = '{"__proto__":9007199254740993,"2":"\\"1e400","1":[{"__proto__":[1e400]},"\\\\",1e401]}';
    const value = parseJson(text) as Record<string, unknown>;
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(JSON.stringify(value)).toBe(
      '{"1":[{"__proto__":[1e400]},"\\\\",1e401],"2":"\\"1e400","__proto__":9007199254740993}',
    );
  });

  it("takes time in proportion to the text", () => {
    const many = `[${new Array(1 << 20).fill("1").join()},9007199254740993]`;
    expect(JSON.stringify(parseJson(many)) === many).toBe(true);
    for (const part of ["1", "1.", ".1", "1e-", "0.0", "-"]) {
      const text = JSON.stringify([part.repeat(1 << 20), 0.5]);
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }
    const digits = "7".repeat(1 << 20);
    expect(JSON.stringify(parseJson(`[${digits},0.${digits},1e${digits}]`))).toBe(
      `[${digits},0.${digits},1e${digits}]`,
    );
  });
});

describe("an ExactNumber", () => {
  const big = new ExactNumber("12345678901234567890");

  it("is a number to arithmetic, and its text to everything that writes", () => {
    expect(Number(big)).toBe(12345678901234567000);
    expect(`${big}`).toBe("12345678901234567890");
    expect(JSON.stringify({ big })).toBe('{"big":12345678901234567890}');
    expect(JSON.stringify([big], undefined, 1)).toBe("[\n 12345678901234567890\n]");
    expect(() => Object.assign(big, { text: "1" })).toThrow(TypeError);
  });

  it.each(["", "abc", "01", "1.", ".5", "+1", "1e", "NaN", "Infinity", "1 ", "0x10"])("is not made of %j", (text) => {
    expect(() => new ExactNumber(text)).toThrow(`"${text}" is not a number as JSON writes it`);
  });
});
