import { tuple } from "../hash.ts";
import { type Combination, combine } from "./combinations.ts";
import type { History } from "./history.ts";

/** A combination that may be new, with the keys of what has to be observed to tell. */
export interface Candidate {
  readonly key: string;
  /** Its values in the order of the fields; none for the one that stands for all beyond the cap. */
  readonly values: Combination;
  /** A key for each value: is it new by itself? */
  readonly termKeys: readonly string[];
  /** For the one that stands for all beyond the cap: how many those are. */
  readonly beyond?: number;
}

/** What an event with these values of its fields may show for the first time. */
export const candidates = (history: History, values: readonly (readonly string[])[]): readonly Candidate[] => {
  const { combinations, total } = combine(values);
  const termKey = rememberedTermKeys(history);
  const found: Candidate[] = combinations.map((combination) => {
    const key = history.key("combination", ...combination);
    // With one field, a combination and its term are the same thing.
    return { key, values: combination, termKeys: values.length === 1 ? [key] : combination.map(termKey) };
  });
  const beyond = total - combinations.length;
  return beyond > 0 ? [...found, { key: overflowKey(history, values), values: [], termKeys: [], beyond }] : found;
};

/** The same long lists again are known; any change to them, also to what the cap hides, is not. */
const overflowKey = (history: History, values: readonly (readonly string[])[]) =>
  history.key("overflow", ...values.map((list) => tuple(...list)));

/** An event's combinations share their terms, so each is hashed once. */
const rememberedTermKeys = (history: History) => {
  const keys = new Map<string, string>();
  return (value: string, field: number): string => {
    const name = `${field} ${value}`;
    const key = keys.get(name) ?? history.key(field, value);
    keys.set(name, key);
    return key;
  };
};
