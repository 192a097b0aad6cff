import { type Comparison, Unfit } from "./comparison.ts";

/** Types of which a query can only ask whether there is a value. */
export const onlyExists = (what: string): Comparison => {
  const refuse = () => {
    throw new Unfit(`${what} cannot be compared`, "Write field:* to ask whether the field exists.");
  };
  return { exists: () => true, equal: refuse, pattern: refuse, range: refuse };
};
