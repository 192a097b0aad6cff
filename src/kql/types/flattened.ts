import { type Comparison, Unfit } from "./comparison.ts";
import { keyword } from "./keyword.ts";

/** A key of a `flattened` object: whole values, for which Elasticsearch has no patterns. */
export const flattenedKey: Comparison = {
  ...keyword,
  pattern() {
    throw new Unfit("the keys of a flattened object have no patterns", "List the whole values, or use a range.");
  },
};
