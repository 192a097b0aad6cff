import { decodeHorizon } from "../detection/new-terms/horizon.ts";
import { decodeEntry } from "../detection/new-terms/observe.ts";
import { KeySet } from "../storage/key-set.ts";
import type { StateRows } from "../storage/state-rows.ts";
import { bytesText, printable } from "../text.ts";
import { combinationsOf, entriesOf, horizonKey, type StoredHistory, valueKey } from "./histories.ts";
import { endMembers, entryLine, fileLine, historyLine, longestLine } from "./line.ts";
import { componentMembers, keyMembers, type StoredComponent, type StoredSpace, spaceMembers } from "./sealed/form.ts";
import { keysOf } from "./sealed/keys.ts";
import { Seal } from "./sealed/seal.ts";
import { sealedSpaces } from "./sealed/spaces.ts";

export interface ToExport {
  readonly histories: readonly StoredHistory[];
  /** Components whose state is exported besides histories; their histories must be in `histories`. */
  readonly components?: readonly StoredComponent[];
  /** When it is exported, for people. */
  readonly now: string;
}

/** How many entries of histories and other keys were written. */
export interface Written {
  entries: number;
  keys: number;
}

/**
 * State as lines: first what is sealed, by component and key space, then histories. It is read as it goes, so it needs a
 * snapshot of the rows, and little memory. Counts in `written`.
 */
export function* exportLines(
  rows: StateRows,
  { histories, components = [], now }: ToExport,
  written: Written = { entries: 0, keys: 0 },
): Iterable<string> {
  const seal = new Seal();
  yield fileLine(now);
  for (const component of components) {
    yield seal.line(componentMembers(component));
    for (const { space, isSealed } of sealedSpaces(rows, component.id, histories)) {
      let isBegun = false;
      for (const stored of keysOf(rows, space)) {
        if (!isSealed(stored)) continue;
        if (!isBegun) yield seal.line(spaceMembers(storedSpace(rows, component, space)));
        isBegun = true;
        written.keys++;
        const line = seal.line(keyMembers(stored));
        if (Buffer.byteLength(line) > longestLine) throw tooLarge(space, stored.key);
        yield line;
      }
    }
  }
  for (const [space, ofSpace] of Map.groupBy(histories, (history) => history.space))
    for (const line of historyLines(rows, space, ofSpace)) {
      if (line.isEntry) written.entries++;
      yield line.text;
    }
  yield seal.line(endMembers);
}

const tooLarge = (space: string, key: string): Error =>
  new Error(
    `what is remembered in "${printable(space)}" under "${printable(key)}" is larger than ${bytesText(longestLine)}, which an export cannot have; copy the data dir instead`,
  );

const storedSpace = (rows: StateRows, { id, maker }: StoredComponent, space: string): StoredSpace => {
  const swept = rows.swept(space);
  const scope = space.slice(id.length + 1);
  const [first] = scope.split("/");
  return {
    component: id,
    scope,
    rule: maker.rules?.find((rule) => rule.id === first)?.name,
    swept: swept === Number.NEGATIVE_INFINITY ? undefined : swept,
  };
};

/** Of each history, its combinations, their single values, and the entries whose values are not known. */
function* historyLines(
  rows: StateRows,
  space: string,
  histories: readonly StoredHistory[],
): Iterable<{ readonly text: string; readonly isEntry: boolean }> {
  const entry = (...parts: Parameters<typeof entryLine>) => ({ text: entryLine(...parts), isEntry: true });
  const written = new KeySet();
  try {
    for (const history of histories) {
      const { component, about } = history;
      const horizon = rows.get(space, horizonKey(about))?.value;
      const known = horizon === undefined ? undefined : decodeHorizon(horizon, rows.clock);
      yield { text: historyLine(component, about, known), isEntry: false };
      for (const { key, fields, values, entry: seen } of combinationsOf(rows, history)) {
        written.add(key);
        yield entry(about, { fields, values }, seen);
        for (const [index, value] of values.entries()) {
          const single = valueKey(about, index, value);
          if (written.has(single)) continue;
          const text = rows.get(space, single);
          if (text === undefined) continue;
          written.add(single);
          yield entry(about, { fields: [fields[index]!], values: [value] }, decodeEntry(text.value));
        }
      }
    }
    const { about } = histories.at(-1)!;
    for (const { key, entry: seen } of entriesOf(rows, space)) if (!written.has(key)) yield entry(about, { key }, seen);
  } finally {
    written.close();
  }
}
