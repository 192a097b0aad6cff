import type { ExactNumber } from "../exact-number.ts";
import { compareDecimals, type Decimal, decimalText, isInteger, parseDecimal, truncated } from "./decimal.ts";

/**
 * A number of any size. It is a JavaScript number if that has exactly the same value, so two numerics of different kinds
 * are never equal. A JavaScript number stands for the decimal number that JSON writes for it.
 */
export type Numeric = number | Decimal;

/** A text that has no more characters than this, and no exponent, is a number that JavaScript holds. */
const alwaysHeld = 15;

const hasExponent = /[eE]/;

/** The numeric that a decimal text spells. */
export const numericOf = (text: string): Numeric => {
  const number = Number(text);
  if (text.length <= alwaysHeld && !hasExponent.test(text)) return number;
  const decimal = parseDecimal(text);
  return isHeld(decimal, number) ? number : decimal;
};

/** Whether a JavaScript number has the decimal's value, and is not an integer beyond ±(2^53 − 1). */
const isHeld = (decimal: Decimal, number: number): boolean => {
  if (!Number.isFinite(number) || (Number.isInteger(number) && !Number.isSafeInteger(number))) return false;
  return compareDecimals(decimal, parseDecimal(String(number))) === 0;
};

const decimalOf = (numeric: Numeric): Decimal => {
  if (typeof numeric !== "number") return numeric;
  if (Number.isFinite(numeric)) return parseDecimal(String(numeric));
  return { sign: numeric > 0 ? 1 : -1, digits: "1", exponent: Number.POSITIVE_INFINITY };
};

/** The numeric of a JSON number. */
export const numericOfNumber = (value: number | ExactNumber): Numeric => {
  if (typeof value !== "number") return numericOf(value.text);
  const isPlain = Number.isSafeInteger(value) || !Number.isInteger(value) || !Number.isFinite(value);
  return isPlain ? value : parseDecimal(String(value));
};

/** Below, at or above zero. */
export const compareNumerics = (a: Numeric, b: Numeric): number =>
  typeof a === "number" && typeof b === "number" ? a - b : compareDecimals(decimalOf(a), decimalOf(b));

/** The nearest double: beyond their range, infinite. */
export const doubleOf = (numeric: Numeric): number =>
  typeof numeric === "number" ? numeric : Number(decimalText(numeric));

export const isIntegral = (numeric: Numeric): boolean =>
  typeof numeric === "number" ? Number.isInteger(numeric) : isInteger(numeric);

/** The integer part. */
export const integerOf = (numeric: Numeric): Numeric => {
  // `+ 0` turns -0 into 0.
  if (typeof numeric === "number") return Math.trunc(numeric) + 0;
  const integer = truncated(numeric);
  return integer === numeric ? integer : numericOf(decimalText(integer));
};

/** One text for each value. */
export const numericText = (numeric: Numeric): string =>
  typeof numeric === "number" ? String(numeric) : decimalText(numeric);
