import { compileGlob } from "../../glob.ts";
import { type Comparison, Unfit } from "./comparison.ts";
import { keyword } from "./keyword.ts";
import { splitAtSpaces } from "./split-at-spaces.ts";

/** A key of a `flattened` object: whole values and their beginnings, the only patterns that Elasticsearch has for it. */
export const flattenedKey: Comparison = {
  ...keyword,
  pattern(parts) {
    const pieces = splitAtSpaces(parts);
    if (pieces.some((piece) => piece.length !== 2 || piece[1] !== ""))
      throw new Unfit(
        "the keys of a flattened object have no patterns but for the beginning of a value, such as /etc/*",
        "List the whole values, or how they begin.",
      );
    const starts = pieces.map(compileGlob);
    return (value) => starts.some((matches) => matches(String(value)));
  },
};
