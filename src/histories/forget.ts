import type { Data } from "../json.ts";
import type { StateRows, StateWriter } from "../storage/state-rows.ts";
import { combinationsOf, namesSpace, type StoredHistory, type Term, valueKey } from "./histories.ts";
import { putIn } from "./put-in.ts";

/** Combinations to forget, and the single values that no other combination has. */
export interface Forgetting {
  readonly history: StoredHistory;
  readonly combinations: readonly Term[];
  readonly keys: readonly string[];
}

/** What to forget of a history: the combinations that `matches` accepts, as events with these fields. */
export const toForget = (rows: StateRows, history: StoredHistory, matches: (data: Data) => boolean): Forgetting => {
  const { about } = history;
  const combinations: Term[] = [];
  const singles = new Set<string>();
  const others = new Set<string>();
  const singlesOf = ({ values }: Term) => values.map((value, index) => valueKey(about, index, value));
  for (const term of combinationsOf(rows, history)) {
    const isMatch = matches(putIn(term.fields, term.values));
    if (isMatch) combinations.push(term);
    for (const key of singlesOf(term)) (isMatch ? singles : others).add(key);
  }
  const keys = new Set([...combinations.map(({ key }) => key), ...[...singles].filter((key) => !others.has(key))]);
  return { history, combinations, keys: [...keys] };
};

/** Removes what `toForget` found. */
export const forget = (writer: StateWriter, { history: { space }, keys }: Forgetting): void => {
  for (const key of keys) {
    writer.delete(space, key);
    writer.delete(namesSpace(space), key);
  }
};
