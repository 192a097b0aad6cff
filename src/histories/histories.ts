import { tuple } from "../detection/hash.ts";
import { decodeEntry, type HistoryEntry, type Run } from "../detection/new-terms/observe.ts";
import { type About, aboutKeys, decodeName, namesScope, readAbout } from "../detection/new-terms/term-names.ts";
import { fingerprint } from "../fingerprint.ts";
import type { StateRows } from "../storage/state-rows.ts";

/** A history of new terms in a data dir: of a rule, or of a transform that looks for them. */
export interface StoredHistory {
  readonly component: string;
  /** The key space with its entries. */
  readonly space: string;
  readonly about: About;
}

export const namesSpace = (space: string): string => `${space}/${namesScope}`;

/** The key space of a history. */
export const spaceOf = (component: string, id: string): string => (id === component ? component : `${component}/${id}`);

/** The histories in a data dir. A rule that was changed has one for each version that is not forgotten. */
export const historiesIn = (rows: StateRows): readonly StoredHistory[] =>
  rows.spaces().flatMap((name) => {
    if (!name.endsWith(`/${namesScope}`)) return [];
    const space = name.slice(0, -namesScope.length - 1);
    return rows.between(name, ...aboutKeys).flatMap(({ key, value }) => {
      const about = readAbout(key, value);
      return about ? [{ component: space.split("/", 1)[0]!, space, about }] : [];
    });
  });

/** The histories with this component, rule id or name of a rule. */
export const chosen = (histories: readonly StoredHistory[], name: string): readonly StoredHistory[] =>
  histories.filter(({ component, about }) => [component, about.id, about.name].includes(name));

export const combinationKey = ({ id, version }: About, values: readonly string[]): string =>
  fingerprint(tuple([id, version, "combination", ...values]));

/** The key of one value; with one field, a combination and its value are the same thing. */
export const valueKey = ({ id, version, fields }: About, field: number, value: string): string =>
  fields.length === 1
    ? combinationKey({ id, version } as About, [value])
    : fingerprint(tuple([id, version, field, value]));

export const horizonKey = ({ id, version }: About): string => fingerprint(tuple([id, version, "highest"]));

export interface Term {
  readonly key: string;
  /** Empty if its values are not known. */
  readonly fields: readonly string[];
  readonly values: readonly string[];
  readonly entry: HistoryEntry;
}

/** The combinations of a history that have names. */
export function* combinationsOf(rows: StateRows, { space, about }: StoredHistory): Iterable<Term> {
  for (const { key, value } of rows.of(namesSpace(space))) {
    if (readAbout(key, value)) continue;
    const values = decodeName(value);
    if (combinationKey(about, values) !== key) continue;
    const entry = rows.get(space, key);
    if (entry) yield { key, fields: about.fields, values, entry: decodeEntry(entry.value) };
  }
}

/** The entries of a key space: what was seen when. Those of no history, such as where its time is, are left out. */
export function* entriesOf(
  rows: StateRows,
  space: string,
): Iterable<{ readonly key: string; readonly entry: HistoryEntry }> {
  for (const { key, value, expires } of rows.of(space))
    if (expires !== undefined) yield { key, entry: decodeEntry(value) };
}

/** What was seen in either. */
export const merged = (a: HistoryEntry, b: HistoryEntry, window: number): HistoryEntry => {
  const runs: Run[] = [];
  for (const [first, last] of [...a, ...b].sort((one, other) => one[0] - other[0])) {
    const before = runs.at(-1);
    if (before && first - before[1] <= window) runs[runs.length - 1] = [before[0], Math.max(before[1], last)];
    else runs.push([first, last]);
  }
  return runs;
};
