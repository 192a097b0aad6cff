import type { Scalar } from "../../fields/path.ts";
import type { Comparison, ValueTest } from "./comparison.ts";
import { never } from "./never.ts";

/** The same comparison, for which values of more than `limit` UTF-16 units do not exist (`ignore_above`). */
export const limited = ({ exists, equal, pattern, patterns, range }: Comparison, limit: number): Comparison => {
  const fits = (value: Scalar) => (typeof value === "string" ? value : String(value)).length <= limit;
  const both =
    (test: ValueTest): ValueTest =>
    (value) =>
      test(value) && fits(value);
  return {
    exists: both(exists),
    // What equals a text that fits, fits.
    equal: (text, quoted) =>
      text.length <= limit
        ? equal(text, quoted)
        : never(`texts of more than ${limit} characters are not indexed`, "Compare a shorter text."),
    pattern: (parts) => both(pattern(parts)),
    ...(patterns && { patterns: (several: readonly (readonly string[])[]) => both(patterns(several)) }),
    range: (operator, text) => both(range(operator, text)),
  };
};
