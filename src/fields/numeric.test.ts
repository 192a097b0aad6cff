import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ExactNumber } from "../exact-number.ts";
import {
  compareNumerics,
  doubleOf,
  integerOf,
  isIntegral,
  numericOf,
  numericOfNumber,
  numericText,
} from "./numeric.ts";

/** `coefficient × 10^-scale`, as text in one of its spellings. */
interface Written {
  readonly coefficient: bigint;
  readonly scale: number;
  readonly text: string;
}

const coefficient = fc.oneof(
  fc.bigInt({ min: -50n, max: 50n }),
  fc.bigInt({ min: 2n ** 53n - 3n, max: 2n ** 53n + 3n }),
  fc.bigInt({ min: -(10n ** 40n), max: 10n ** 40n }),
);

const written: fc.Arbitrary<Written> = fc
  .tuple(coefficient, fc.nat({ max: 30 }), fc.constantFrom("plain", "exponent", "zeros"))
  .map(([coefficient, scale, style]) => {
    const sign = coefficient < 0n ? "-" : "";
    const digits = `${coefficient < 0n ? -coefficient : coefficient}`.padStart(scale + 1, "0");
    const plain = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
    const zeros = scale === 0 ? `${plain}.000` : `${plain}000`;
    const text = style === "plain" ? plain : style === "zeros" ? zeros : `${digits}e-${scale}`;
    return { coefficient, scale, text: sign + text };
  });

const scaled = ({ coefficient, scale }: Written): bigint => coefficient * 10n ** BigInt(30 - scale);
const sign = (value: number | bigint) => (value > 0 ? 1 : value < 0 ? -1 : 0);

describe("numerics", () => {
  it("compare as BigInts of a common scale do, whatever their spelling", () => {
    fc.assert(
      fc.property(written, written, (a, b) => {
        const order = compareNumerics(numericOf(a.text), numericOf(b.text));
        expect(sign(order)).toBe(sign(scaled(a) - scaled(b)));
        const same = numericText(numericOf(a.text)) === numericText(numericOf(b.text));
        expect(same).toBe(scaled(a) === scaled(b));
      }),
      { numRuns: 3000 },
    );
  });

  it("lose their fraction as BigInt division does", () => {
    fc.assert(
      fc.property(written, (a) => {
        const whole = a.coefficient / 10n ** BigInt(a.scale);
        expect(numericText(integerOf(numericOf(a.text)))).toBe(`${whole}`);
        expect(isIntegral(numericOf(a.text))).toBe(scaled(a) % 10n ** 30n === 0n);
      }),
      { numRuns: 2000 },
    );
  });

  it("are the nearest double", () => {
    fc.assert(
      fc.property(written, ({ text }) => {
        expect(doubleOf(numericOf(text)) === Number(text)).toBe(true);
      }),
    );
  });

  it("are the same for a JavaScript number and for its JSON text", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = JSON.stringify(value);
        expect(compareNumerics(numericOfNumber(value), numericOf(text)) === 0).toBe(true);
        expect(compareNumerics(numericOfNumber(new ExactNumber(text)), numericOf(text)) === 0).toBe(true);
        expect(numericText(numericOfNumber(value))).toBe(numericText(numericOf(text)));
      }),
    );
  });

  it("compare numbers with any exponent without writing them out", () => {
    const ordered = ["-1e999999999999", "-1e400", "-1", "0", "1e-999999999999", "1e-400", "5e-324", "1e400", "1e401"];
    ordered.push("1e999999999999");
    for (let i = 1; i < ordered.length; i++)
      expect(compareNumerics(numericOf(ordered[i - 1]!), numericOf(ordered[i]!))).toBeLessThan(0);
    expect(compareNumerics(Number.POSITIVE_INFINITY, numericOf("1e400"))).toBeGreaterThan(0);
    expect(compareNumerics(Number.NEGATIVE_INFINITY, numericOf("-1e400"))).toBeLessThan(0);
  });
});
