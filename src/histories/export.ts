import { decodeHorizon } from "../detection/new-terms/horizon.ts";
import { decodeEntry } from "../detection/new-terms/observe.ts";
import { KeySet } from "../storage/key-set.ts";
import type { StateRows } from "../storage/state-rows.ts";
import { bytesText, printable } from "../text.ts";
import { combinationsOf, entriesOf, horizonKey, type StoredHistory, valueKey } from "./histories.ts";
import { endMembers, entryLine, fileLine, historyLine, longestLine } from "./line.ts";
import { componentMembers, recordMembers, type StoredComponent, spaceMembers } from "./sealed/form.ts";
import { recordsOf } from "./sealed/records.ts";
import { Seal } from "./sealed/seal.ts";
import { sealedSpaces } from "./sealed/spaces.ts";

export interface ToExport {
  readonly histories: readonly StoredHistory[];
  /** Components whose state is exported besides histories; their histories must be in `histories`. */
  readonly components?: readonly StoredComponent[];
  /** When it is exported, for people. */
  readonly now: string;
}

/** How many entries of histories and other records were written. */
export interface Written {
  entries: number;
  records: number;
}

/**
 * State as lines: first what is sealed, by component and key space, then histories. It is read as it goes, so it needs a
 * snapshot of the rows, and little memory. Counts in `written`.
 */
export function* exportLines(
  rows: StateRows,
  { histories, components = [], now }: ToExport,
  written: Written = { entries: 0, records: 0 },
): Iterable<string> {
  const seal = new Seal();
  yield fileLine(now);
  for (const component of components) {
    yield seal.line(componentMembers(component));
    for (const { space, isSealed } of sealedSpaces(rows, component.id, histories)) {
      let isBegun = false;
      for (const record of recordsOf(rows, space)) {
        if (!isSealed(record)) continue;
        if (!isBegun) yield seal.line(spaceMembers(storedSpace(rows, component.id, space)));
        isBegun = true;
        written.records++;
        const line = seal.line(recordMembers(record));
        if (Buffer.byteLength(line) > longestLine) throw tooLarge(space, record.key);
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

const storedSpace = (rows: StateRows, component: string, space: string) => {
  const swept = rows.swept(space);
  return {
    component,
    scope: space.slice(component.length + 1),
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
