/** The value of a decimal number, of any size: `sign × 0.digits × 10^exponent`. */
export interface Decimal {
  readonly sign: -1 | 0 | 1;
  /** Without zeros at either end; empty for zero. */
  readonly digits: string;
  readonly exponent: number;
}

const parts = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d+))?$/;

/** Exponents beyond this are taken as this: such numbers are compared by their digits only. */
const highest = 1e15;

/** Reads a decimal text. It must be one; its length decides the time, not its value. */
export const parseDecimal = (text: string): Decimal => {
  const [, sign, whole = "", fraction = "", power = "0"] = parts.exec(text) ?? [];
  const all = whole + fraction;
  const from = firstDigit(all);
  if (from === all.length) return { sign: 0, digits: "", exponent: 0 };
  const exponent = Math.max(-highest, Math.min(highest, Number(power))) + whole.length - from;
  return { sign: sign === "-" ? -1 : 1, digits: all.slice(from, afterLastDigit(all)), exponent };
};

const firstDigit = (digits: string): number => {
  let at = 0;
  while (at < digits.length && digits[at] === "0") at++;
  return at;
};

const afterLastDigit = (digits: string): number => {
  let at = digits.length;
  while (at > 0 && digits[at - 1] === "0") at--;
  return at;
};

/** Below, at or above zero. */
export const compareDecimals = (a: Decimal, b: Decimal): number => {
  if (a.sign !== b.sign) return a.sign - b.sign;
  if (a.exponent !== b.exponent) return a.exponent > b.exponent ? a.sign : -a.sign;
  return a.digits === b.digits ? 0 : a.digits > b.digits ? a.sign : -a.sign;
};

export const isInteger = ({ digits, exponent }: Decimal): boolean => digits.length <= exponent || digits === "";

/** Without the digits after the point. */
export const truncated = (value: Decimal): Decimal => {
  if (isInteger(value)) return value;
  if (value.exponent <= 0) return { sign: 0, digits: "", exponent: 0 };
  const digits = value.digits.slice(0, value.exponent);
  return { ...value, digits: digits.slice(0, afterLastDigit(digits)) };
};

/** Integers with more digits than this are written with an exponent. */
const longest = 400;

/** The same text for every spelling of a value. */
export const decimalText = (value: Decimal): string => {
  const { sign, digits, exponent } = value;
  const minus = sign < 0 ? "-" : "";
  return isInteger(value) && exponent <= longest
    ? `${minus}${digits.padEnd(exponent, "0") || "0"}`
    : `${minus}0.${digits}e${exponent}`;
};
