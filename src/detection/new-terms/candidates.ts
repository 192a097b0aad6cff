import { type Combination, combine } from "../combinations.ts";
import { tuple } from "../hash.ts";
import type { HistoryKeys } from "./keys.ts";

/** A combination that may be new, with the keys to observe in order to find out. */
export interface Candidate {
  readonly key: string;
  /** Its values in the order of the fields; empty for the one that represents all combinations beyond the cap. */
  readonly values: Combination;
  /** A key for each value, to find out whether it is new by itself. */
  readonly termKeys: readonly string[];
  /** How many combinations it represents, if these are all beyond the cap. */
  readonly beyond?: number;
}

/** The candidates of an event with these values of its fields. */
export const candidates = (keys: HistoryKeys, values: readonly (readonly string[])[]): readonly Candidate[] => {
  const { combinations, total } = combine(values);
  const found: Candidate[] = combinations.map((combination) => {
    const key = keys.key("combination", ...combination);
    // With one field, a combination and its term are the same thing.
    return {
      key,
      values: combination,
      termKeys: values.length === 1 ? [key] : combination.map((value, field) => keys.termKey(value, field)),
    };
  });
  const beyond = total - combinations.length;
  return beyond > 0 ? [...found, { key: overflowKey(keys, values), values: [], termKeys: [], beyond }] : found;
};

/** Exactly the same lists again are known. With any change, even beyond the cap, they are new. */
const overflowKey = (keys: HistoryKeys, values: readonly (readonly string[])[]) =>
  keys.key("overflow", ...values.map(tuple));
