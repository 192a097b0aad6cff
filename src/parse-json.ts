import { ExactNumber } from "./exact-number.ts";
import { compareDecimals, parseDecimal } from "./fields/decimal.ts";
import { isContainer } from "./json.ts";
import { type Survey, survey } from "./json-survey.ts";

/** A JSON value, and what a look at everything in it has found. */
export interface ParsedJson extends Pick<Survey, "members" | "isTooDeep"> {
  readonly value: unknown;
}

/**
 * JSON.parse, except that a number which JavaScript would change is an `ExactNumber`. Throws the same SyntaxError. A text
 * that is nested deeper than `maxDepth` gives what JSON.parse gives.
 */
export const parseJson = (text: string): unknown => surveyedJson(text).value;

/** The same, with what the survey found. */
export const surveyedJson = (text: string): ParsedJson => {
  const value: unknown = JSON.parse(text);
  if (!isContainer(value)) return { value: exactly("", value, { source: text.trim() }), members: 0, isTooDeep: false };
  const { members, isTooDeep, numbers } = survey(value);
  const isChanged = !isTooDeep && (numbers === "large" || (numbers === "fractions" && hasLongFraction(text)));
  return { value: isChanged ? JSON.parse(text, exactly) : value, members, isTooDeep };
};

const exactly = (_name: string, value: unknown, { source }: { readonly source?: string } = {}): unknown =>
  typeof value !== "number" || source === undefined || keepsValue(value, source) ? value : new ExactNumber(source);

const digitsOnly = /^-?\d+$/;

const keepsValue = (value: number, source: string): boolean => {
  if (digitsOnly.test(source)) return Number.isSafeInteger(value);
  return Number.isFinite(value) && compareDecimals(parseDecimal(String(value)), parseDecimal(source)) === 0;
};

/** A number of at most 15 digits with an exponent of at most two keeps its value. */
const mostDigits = 15;

/** Whether a text may contain a number with a fraction that a double changes. */
const hasLongFraction = (text: string): boolean => {
  for (let point = text.indexOf("."); point >= 0; ) {
    const to = digitsEnd(text, point + 1);
    if (to - digitsStart(text, point) - 1 > mostDigits) return true;
    point = text.indexOf(".", to);
  }
  return smallExponent.test(text) && /[\s:,[]-?[0-9.]+[eE]-/.test(text);
};

const smallExponent = /[0-9][eE]-[0-9]/;

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;

const digitsStart = (text: string, end: number): number => {
  let start = end;
  while (isDigit(text.charCodeAt(start - 1))) start--;
  return start;
};

const digitsEnd = (text: string, start: number): number => {
  let end = start;
  while (isDigit(text.charCodeAt(end))) end++;
  return end;
};
