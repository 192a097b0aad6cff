import { keywordText } from "../../fields/values.ts";
import { type Comparison, ordered, type ValueTest } from "./comparison.ts";
import { compileGlob, splitAtSpaces } from "./glob.ts";

/** Below, at or above zero, by the order of the texts' UTF-8 bytes, which is that of their code points. */
const compareBytes = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
};

/** Surrogates stand for code points above U+FFFF, so they come after U+E000 to U+FFFF. */
const rank = (unit: number) => (unit < 0xd800 ? unit : unit < 0xe000 ? unit + 0x2000 : unit - 0x800);

/** Whole values, case-sensitive; booleans and numbers as their text; values over 1,024 UTF-16 units are no values. */
export const keyword: Comparison = {
  exists: (value) => keywordText(value) !== undefined,
  equal: (text) => (value) => (value === text ? keywordText(value) !== undefined : keywordText(value) === text),
  pattern: (parts) => indexed(compileGlob(parts)),
  range(operator, text) {
    const holds = ordered(operator);
    return indexed((value) => holds(compareBytes(value, text)));
  },
};

const indexed =
  (test: (text: string) => boolean): ValueTest =>
  (value) => {
    const text = keywordText(value);
    return text !== undefined && test(text);
  };

/** `wildcard` and `constant_keyword`: of any length, and a pattern is split at spaces, of which one must match. */
export const wholeText: Comparison = {
  exists: () => true,
  equal: (text) => (value) => String(value) === text,
  pattern(parts) {
    const pieces = splitAtSpaces(parts).map(compileGlob);
    return (value) => {
      const text = String(value);
      return pieces.some((matches) => matches(text));
    };
  },
  range(operator, text) {
    const holds = ordered(operator);
    return (value) => holds(compareBytes(String(value), text));
  },
};
