import { compileGlob } from "../../glob.ts";
import { type Comparison, ordered, type ValueTest } from "./comparison.ts";
import { splitAtSpaces } from "./split-at-spaces.ts";

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

/** Whole values, case-sensitive; booleans and numbers as their text. */
export const keyword: Comparison = {
  exists: () => true,
  equal: (text) => (value) => value === text || (typeof value !== "string" && String(value) === text),
  pattern: (parts) => asText(compileGlob(parts)),
  range(operator, text) {
    const holds = ordered(operator);
    return asText((value) => holds(compareBytes(value, text)));
  },
};

const asText =
  (test: (text: string) => boolean): ValueTest =>
  (value) =>
    test(typeof value === "string" ? value : String(value));

/** `wildcard` and `constant_keyword`: a pattern is split at spaces, of which one must match. */
export const wholeText: Comparison = {
  exists: keyword.exists,
  equal: keyword.equal,
  pattern(parts) {
    const pieces = splitAtSpaces(parts).map(compileGlob);
    return asText((text) => pieces.some((matches) => matches(text)));
  },
  range: keyword.range,
};
