import { ExactNumber } from "../exact-number.ts";
import { compareBytes } from "../fields/byte-order.ts";
import { canonicalIp } from "../fields/ip.ts";
import type { Mapping } from "../fields/mapping.ts";
import type { Numeric } from "../fields/numeric.ts";
import { doubleOf, isIntegral, numericOfNumber, numericText } from "../fields/numeric.ts";
import type { Scalar } from "../fields/types.ts";
import { booleanValue, dateText, numberOf } from "../fields/values.ts";

/** A value while a query computes: an integer is a bigint, a number with a fraction a number. */
export type Value = null | boolean | bigint | number | string;

/** Reads a value of a field; `undefined` if its type would not index it. */
export type ReadValue = (scalar: Scalar) => Value | undefined;

const least = -(2n ** 63n);
const most = 2n ** 63n - 1n;

/** An integer that fits into 64 bits; null for any other, as for all that cannot be computed. */
export const integer = (value: bigint): bigint | null => (value >= least && value <= most ? value : null);

/** A number with a fraction; null if it is none. */
export const decimal = (value: number): number | null => (Number.isFinite(value) ? value : null);

const DIGITS = /^-?\d+$/;

/** An integer as a bigint if it fits into 64 bits, and any other number as the nearest double. */
const fromNumeric = (numeric: Numeric): Value => {
  if (!isIntegral(numeric)) return decimal(doubleOf(numeric));
  const text = numericText(numeric);
  return (DIGITS.test(text) ? integer(BigInt(text)) : null) ?? decimal(doubleOf(numeric));
};

const byValue: ReadValue = (scalar) => {
  if (typeof scalar === "number")
    return Number.isSafeInteger(scalar) ? BigInt(scalar) : fromNumeric(numericOfNumber(scalar));
  return scalar instanceof ExactNumber ? fromNumeric(numericOfNumber(scalar)) : scalar;
};

/** How the values of a field are read. */
export const readerOf = ({ type, ignoreAbove, format }: Mapping): ReadValue => {
  switch (type) {
    case "by_value":
      return byValue;
    case "caseless":
      return (scalar) => {
        const text = String(scalar).toLowerCase();
        return text.length <= ignoreAbove ? text : undefined;
      };
    case "ip":
      return (scalar) => (typeof scalar === "string" ? canonicalIp(scalar) : undefined);
    case "boolean":
      return booleanValue;
    case "date":
    case "date_nanos":
      return dateText(format);
    case "double":
    case "float":
    case "half_float":
    case "scaled_float":
      return (scalar) => {
        const number = numberOf(type, scalar);
        return number === undefined ? undefined : doubleOf(number);
      };
    case "long":
    case "unsigned_long":
    case "integer":
    case "short":
    case "byte":
      return (scalar) => {
        const number = numberOf(type, scalar);
        return number === undefined ? undefined : fromNumeric(number);
      };
    default:
      return (scalar) => {
        const text = String(scalar);
        return text.length <= ignoreAbove ? text : undefined;
      };
  }
};

/** One text for all values that are equal. */
export const textOf = (value: Exclude<Value, null>): string =>
  typeof value === "number" && Number.isInteger(value) ? String(BigInt(value)) : String(value);

const isNumber = (value: Value): value is bigint | number => typeof value === "bigint" || typeof value === "number";

/** Below, at or above zero; `undefined` if the values have no order. Texts are in the order of their code points. */
export const compareValues = (a: Exclude<Value, null>, b: Exclude<Value, null>): number | undefined => {
  if (isNumber(a) && isNumber(b)) return a < b ? -1 : a > b ? 1 : 0;
  return typeof a === "string" && typeof b === "string" ? compareBytes(a, b) : undefined;
};

/** Whether two values are equal; a number equals its text. */
export const areEqual = (a: Exclude<Value, null>, b: Exclude<Value, null>): boolean =>
  typeof a === typeof b ? a === b : textOf(a) === textOf(b);

/** A value as Elasticsearch writes it: a number with a fraction has a dot, and an exponent from ten million on. */
export const written = (value: Exclude<Value, null>): string => {
  if (typeof value !== "number") return String(value);
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [digits, exponent] = value.toExponential().split("e") as [string, string];
    return `${withDot(digits)}E${Number(exponent)}`;
  }
  return withDot(Object.is(value, -0) ? "-0" : String(value));
};

const withDot = (digits: string) => (digits.includes(".") ? digits : `${digits}.0`);
