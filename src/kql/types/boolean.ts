import { booleanValue } from "../../fields/values.ts";
import { type Comparison, Unfit } from "./comparison.ts";

const onlyTwo = "Write true or false, or * to ask whether the field exists.";

export const boolean: Comparison = {
  exists: (value) => booleanValue(value) !== undefined,
  equal(text) {
    if (text !== "true" && text !== "false") throw new Unfit("it is neither true nor false", onlyTwo);
    const wanted = text === "true";
    return (value) => booleanValue(value) === wanted;
  },
  pattern() {
    throw new Unfit("it is neither true nor false", onlyTwo);
  },
  range() {
    throw new Unfit("booleans have no order", "Write field:true or field:false.");
  },
};
