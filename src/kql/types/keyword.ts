import { compareBytes } from "../../fields/byte-order.ts";
import { compileGlob } from "../../glob.ts";
import { compileGlobs, listedGlob } from "../../glob-list.ts";
import { type Comparison, ordered, type ValueTest } from "./comparison.ts";
import { splitAtSpaces } from "./split-at-spaces.ts";

/** Whole values, case-sensitive; booleans and numbers as their text. */
export const keyword: Comparison = {
  exists: () => true,
  equal: (text) => (value) => value === text || (typeof value !== "string" && String(value) === text),
  pattern: (parts) => asText(compileGlob(parts)),
  patterns: (several) => asText(compileGlobs(several.map(listedGlob))),
  range(operator, text) {
    const holds = ordered(operator);
    return asText((value) => holds(compareBytes(value, text)));
  },
};

const asText =
  (test: (text: string) => boolean): ValueTest =>
  (value) =>
    test(typeof value === "string" ? value : String(value));

/** Whole values without regard to letter case. */
export const caseless: Comparison = {
  exists: keyword.exists,
  equal(text, quoted, clock) {
    const equals = keyword.equal(text.toLowerCase(), quoted, clock);
    return (value) => equals(String(value).toLowerCase());
  },
  pattern(parts) {
    const fits = keyword.pattern(parts.map((part) => part.toLowerCase()));
    return (value) => fits(String(value).toLowerCase());
  },
  patterns(several) {
    const fits = keyword.patterns!(several.map((parts) => parts.map((part) => part.toLowerCase())));
    return (value) => fits(String(value).toLowerCase());
  },
  range(operator, text, clock) {
    const holds = keyword.range(operator, text.toLowerCase(), clock);
    return (value) => holds(String(value).toLowerCase());
  },
};

/** `wildcard` and `constant_keyword`: a pattern is split at spaces, of which one must match. */
export const wholeText: Comparison = {
  exists: keyword.exists,
  equal: keyword.equal,
  pattern(parts) {
    const pieces = splitAtSpaces(parts).map(compileGlob);
    return asText((text) => pieces.some((matches) => matches(text)));
  },
  patterns: (several) => asText(compileGlobs(several.flatMap(splitAtSpaces).map(listedGlob))),
  range: keyword.range,
};
