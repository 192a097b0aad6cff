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
    const isChanged = typeof value === "number" && !keepsValue(source);
    return { value: isChanged ? new ExactNumber(source) : value, members: 0, isTooDeep: false };
  }
  const { members, isTooDeep, numbers } = survey(value);
  return { value: isTooDeep || numbers === "small" ? value : exactly(value, text), members, isTooDeep };
};

/** Stands for a number until the text is parsed; nobody can guess it. */
const mark = crypto.randomUUID().slice(0, 18);

/**
 * Parses the text again, with strings in place of the numbers that JavaScript would change, and replaces these. A reviver
 * would take 50 times as long for a long list.
 */
const exactly = (value: object, text: string): object => {
  const parts: string[] = [];
  const found: ExactNumber[] = [];
  let copied = 0;
  for (const { start, end } of longNumbers(text)) {
    const source = text.slice(start, end);
    if (keepsValue(source)) continue;
    parts.push(text.slice(copied, start), `"${mark}${found.length}"`);
    found.push(new ExactNumber(source));
    copied = end;
  }
  if (found.length === 0) return value;
  const marked = JSON.parse(parts.join("") + text.slice(copied)) as object;
  restore(marked, found);
  return marked;
};

/** Replaces the strings that stand for numbers. The recursion is at most `maxDepth` calls deep. */
const restore = (container: object, found: readonly ExactNumber[]): void => {
  const numberFor = (text: string) => (text.startsWith(mark) ? found[Number(text.slice(mark.length))] : undefined);
  if (Array.isArray(container)) {
    for (let index = 0; index < container.length; index++) {
      const item: unknown = container[index];
      if (typeof item === "string") container[index] = numberFor(item) ?? item;
      else if (isContainer(item)) restore(item, found);
    }
    return;
  }
  const object = container as Record<string, unknown>;
  for (const name in object) {
    const member = object[name];
    if (isContainer(member)) restore(member, found);
    const number = typeof member === "string" ? numberFor(member) : undefined;
    // A plain assignment to `__proto__` would set the prototype.
    if (number)
      Object.defineProperty(object, name, { value: number, enumerable: true, configurable: true, writable: true });
  }
};

const digitsOnly = /^-?\d+$/;

const keepsValue = (source: string): boolean => {
  const value = Number(source);
  if (digitsOnly.test(source)) return Number.isSafeInteger(value);
  return Number.isFinite(value) && compareDecimals(parseDecimal(String(value)), parseDecimal(source)) === 0;
};

const quote = 0x22;
const backslash = 0x5c;
const minus = 0x2d;

/** A number of at most 15 characters without an exponent keeps its value. */
const short = 15;

/** The numbers in a JSON text that may not keep their value. */
function* longNumbers(text: string): Generator<{ readonly start: number; readonly end: number }> {
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === quote) at = stringEnd(text, at + 1);
    else if (isDigit(unit) || unit === minus) {
      const start = at;
      let hasExponent = false;
      for (at++; isOfNumber(text.charCodeAt(at)); at++) hasExponent ||= (text.charCodeAt(at) | 0x20) === 0x65;
      if (hasExponent || at - start > short) yield { start, end: at };
      at--;
    }
  }
}

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
