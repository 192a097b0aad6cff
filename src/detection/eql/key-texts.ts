import type { Value } from "../../eql/index.ts";
import type { Hash } from "../hash.ts";

/** How much of a long value is shown, in UTF-16 units: each alert of a key has it. */
const longest = 1024;

/** The values of a key as texts; null for a field without a value. A long one is cut, and stays distinct by its hash. */
export const keyTexts = (values: readonly Value[], hash: Hash): readonly (string | null)[] =>
  values.map((value) => {
    if (value === null) return null;
    const text = String(value);
    return text.length > longest ? `${text.slice(0, longest).toWellFormed()}… ${hash(text)}` : text;
  });
