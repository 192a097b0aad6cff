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
  if (!isContainer(value)) {
    const source = text.trim();
    const isChanged = typeof value === "number" && !keepsValue(source, value);
    return { value: isChanged ? new ExactNumber(source) : value, members: 0, isTooDeep: false };
  }
  const { members, isTooDeep, numbers } = survey(value);
  return { value: isTooDeep || numbers === "small" ? value : exactly(value, text), members, isTooDeep };
};

/**
 * Parses the text again, with marks in place of the numbers that JavaScript would change, and replaces these. A mark is a
 * number beyond the safe integers: the index of what it stands for, times `unit`. So that every such number is a mark, those
 * that keep their value are marked, too. A reviver would take many times as long for a long list, and marks that are
 * strings twice as long.
 */
const exactly = (value: object, text: string): object => {
  const parts: string[] = [];
  const found: (ExactNumber | number)[] = [0];
  let isChanged = false;
  let copied = 0;
  forLongNumbers(text, (start, end) => {
    const source = text.slice(start, end);
    const number = Number(source);
    const isKept = keepsValue(source, number);
    if (isKept && Math.abs(number) <= Number.MAX_SAFE_INTEGER) return;
    isChanged ||= !isKept;
    parts.push(text.slice(copied, start), `${found.length}${exponent}`);
    found.push(isKept ? number : new ExactNumber(source));
    copied = end;
  });
  if (!isChanged) return value;
  const marked = JSON.parse(parts.join("") + text.slice(copied)) as object;
  restore(marked, found);
  return marked;
};

/** One is beyond the safe integers, and V8 reads a few digits with this exponent fast. */
const unit = 1e17;
const exponent = "e17";

/** Replaces the marks. The recursion is at most `maxDepth` calls deep. */
const restore = (container: object, found: readonly (ExactNumber | number)[]): void => {
  if (Array.isArray(container)) {
    for (let index = 0; index < container.length; index++) {
      const item: unknown = container[index];
      if (isMark(item)) container[index] = found[Math.round(item / unit)];
      else if (isContainer(item)) restore(item, found);
    }
    return;
  }
  const object = container as Record<string, unknown>;
  for (const name in object) {
    const member = object[name];
    if (isContainer(member)) restore(member, found);
    // A plain assignment to `__proto__` would set the prototype.
    else if (isMark(member)) {
      const value = found[Math.round(member / unit)];
      Object.defineProperty(object, name, { value, enumerable: true, configurable: true, writable: true });
    }
  }
};

const isMark = (value: unknown): value is number => typeof value === "number" && value > Number.MAX_SAFE_INTEGER;

const digitsOnly = /^-?\d+$/;

const keepsValue = (source: string, value: number): boolean => {
  if (digitsOnly.test(source)) return Number.isSafeInteger(value);
  return Number.isFinite(value) && compareDecimals(parseDecimal(String(value)), parseDecimal(source)) === 0;
};

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;

/** A number of at most 15 characters without an exponent keeps its value. */
const short = 15;

/** Calls `found` for the numbers in a JSON text that may not keep their value. */
const forLongNumbers = (text: string, found: (start: number, end: number) => void): void => {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = stringEnd(text, at + 1);
    else if (isDigit(unit) || unit === minus) {
      const start = at;
      let hasExponent = false;
      for (at++; isOfNumber(text.charCodeAt(at)); at++) hasExponent ||= (text.charCodeAt(at) | 0x20) === 0x65;
      if (hasExponent || at - start > short) found(start, at);
      at--;
    }
  }
};

/** The index of the quote that closes a string. */
const stringEnd = (text: string, from: number): number => {
  let at = from;
  while (at < text.length && text.charCodeAt(at) !== quote) at += text.charCodeAt(at) === backslash ? 2 : 1;
  return at;
};

const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;

/** Digits, `+`, `-`, `.`, `e` and `E`. */
const isOfNumber = (unit: number): boolean =>
  isDigit(unit) || unit === 0x2e || unit === minus || unit === 0x2b || (unit | 0x20) === 0x65;
