import { EqlSyntaxError } from "./error.ts";
import type { Token } from "./tokens.ts";

const mostInteger = 9_223_372_036_854_775_807n;
/** More digits than any number needs: converting them takes time. */
const mostDigits = 40;

/** The value of a number: an integer is a bigint. Throws an `EqlSyntaxError` if it is too large. */
export const readNumber = ({ value: text, start }: Token, negative: boolean): bigint | number => {
  if (!/^\d+$/.test(text)) {
    const value = Number(text);
    if (Number.isFinite(value)) return negative ? -value : value;
  } else if (text.length <= mostDigits) {
    const value = BigInt(text);
    if (value <= mostInteger + (negative ? 1n : 0n)) return negative ? -value : value;
  }
  throw new EqlSyntaxError(`"${text.slice(0, mostDigits)}" is too large.`, `Integers go up to ${mostInteger}.`, start);
};
