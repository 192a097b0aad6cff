import { decodeEntry } from "../detection/new-terms/observe.ts";
import type { StateRows } from "../storage/state-rows.ts";
import { combinationsOf, entriesOf, horizonKey, type StoredHistory, valueKey } from "./histories.ts";
import { endLine, entryLine, fileLine, historyLine } from "./line.ts";

/** Histories as lines: of each, its combinations, their single values, and the entries whose values are not known. */
export function* exportLines(rows: StateRows, histories: readonly StoredHistory[], now: string): Iterable<string> {
  yield fileLine(now);
  for (const [space, ofSpace] of Map.groupBy(histories, (history) => history.space)) {
    const written = new Set<string>();
    for (const history of ofSpace) {
      const { component, about } = history;
      yield historyLine(component, about);
      for (const { key, fields, values, entry } of combinationsOf(rows, history)) {
        written.add(key);
        yield entryLine(about, { fields, values }, entry);
        for (const [index, value] of values.entries()) {
          const single = valueKey(about, index, value);
          if (written.has(single)) continue;
          const text = rows.get(space, single);
          if (text === undefined) continue;
          written.add(single);
          yield entryLine(about, { fields: [fields[index]!], values: [value] }, decodeEntry(text.value));
        }
      }
    }
    const { about } = ofSpace.at(-1)!;
    const times = new Set(ofSpace.map((history) => horizonKey(history.about)));
    for (const { key, entry } of entriesOf(rows, space))
      if (!written.has(key) && !times.has(key)) yield entryLine(about, { key }, entry);
  }
  yield endLine;
}
