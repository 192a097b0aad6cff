import { isDeepStrictEqual } from "node:util";
import { decodeHorizon, expiresAt } from "../detection/new-terms/horizon.ts";
import { decodeEntry, encodeEntry, keptFor } from "../detection/new-terms/observe.ts";
import { type About, aboutEntry, encodeName } from "../detection/new-terms/term-names.ts";
import type { StateRows, StateWriter } from "../storage/state-rows.ts";
import { isComponentId } from "../topology/reference.ts";
import { combinationKey, horizonKey, merged, namesSpace, spaceOf, valueKey } from "./histories.ts";
import { type Line, readLine } from "./line.ts";

export interface Imported {
  readonly histories: number;
  /** Entries that were not there before. */
  readonly added: number;
  /** Entries that were there, and were seen earlier or later in the file. */
  readonly changed: number;
  /** Entries that were there as they are in the file, or are too old to be kept. */
  readonly unchanged: number;
}

interface Target {
  readonly about: About;
  readonly space: string;
  /** When an entry expires whose last sighting was at this time. */
  readonly expires: (last: number) => number;
  /** What expires before it is gone. */
  readonly swept: number;
}

/** A mistake in the file that is imported. */
export class LineError extends Error {
  constructor(line: number, message: string) {
    super(`line ${line}: ${message}`);
    this.name = "LineError";
  }
}

/**
 * Adds the entries of exported histories: what was seen in the data dir or in the file. Rejects with a `LineError`, and
 * changes nothing, if a line is wrong. `into`: another component than that of the file. `now`: milliseconds since 1970.
 */
export const importLines = (
  rows: StateRows,
  lines: AsyncIterable<string> | Iterable<string>,
  { into, now }: { readonly into?: string | undefined; readonly now: number },
): Promise<Imported> =>
  rows.change(async (writer) => {
    const counts = { histories: 0, added: 0, changed: 0, unchanged: 0 };
    let target: Target | undefined;
    let number = 0;
    let isComplete = false;
    for await (const text of lines) {
      number++;
      if (text.trim() === "") continue;
      try {
        const line = readLine(text);
        if ((number === 1) !== (line.kind === "file")) throw new Error(wrongPlace);
        if (isComplete) throw new Error('a line with "weir_state_end" must be the last one');
        isComplete = line.kind === "end";
        if (line.kind === "history") {
          target = targetOf(rows, writer, line, { into, now });
          counts.histories++;
        } else if (line.kind === "entry") {
          if (!target) throw new Error('a line with "history" must come before it');
          counts[add(rows, writer, target, line)]++;
        }
      } catch (error) {
        throw new LineError(number, (error as Error).message);
      }
    }
    if (number === 0) throw new LineError(1, wrongPlace);
    if (!isComplete)
      throw new LineError(number + 1, 'the file ends without a line with "weir_state_end": a part of it is missing');
    return counts;
  });

const wrongPlace =
  'the first line, and no other, must have "weir_state": this is not a whole file of `weir state export`';

const targetOf = (
  rows: StateRows,
  writer: StateWriter,
  { component, about }: Extract<Line, { readonly kind: "history" }>,
  { into = component, now }: { readonly into?: string | undefined; readonly now: number },
): Target => {
  if (about.id === component && into !== component)
    throw new Error(`this is the history of the transform "${component}", which can be imported under this id only`);
  if (!isComponentId(into)) throw new Error(`"${into}" is not an id: only letters, digits, "_" and "-" are allowed`);
  const space = spaceOf(into, about.id);
  const known = rows.get(space, horizonKey(about))?.value;
  const horizon = known === undefined ? undefined : decodeHorizon(known, now);
  const kept = keptFor(about.window);
  const { key, value } = aboutEntry(about);
  if (rows.get(namesSpace(space), key) === undefined) writer.set(namesSpace(space), key, value, undefined);
  return {
    about,
    space,
    expires: (last) => (horizon ? expiresAt(horizon, last, kept) : last + kept),
    swept: rows.swept(space),
  };
};

const add = (
  rows: StateRows,
  writer: StateWriter,
  { about, space, expires, swept }: Target,
  { term, entry }: Extract<Line, { readonly kind: "entry" }>,
): "added" | "changed" | "unchanged" => {
  const isCombination = "values" in term && isDeepStrictEqual(term.fields, about.fields);
  const key = "key" in term ? term.key : isCombination ? combinationKey(about, term.values) : singleKey(about, term);
  const before = rows.get(space, key);
  if (before && before.expires === undefined) throw new Error("its key is that of no entry");
  const known = before && decodeEntry(before.value);
  const after = merged(known ?? [], entry, about.window);
  const at = expires(after.at(-1)![1]);
  if ((known && encodeEntry(known) === encodeEntry(after)) || at < swept) return "unchanged";
  writer.set(space, key, encodeEntry(after), at);
  if (isCombination) writer.set(namesSpace(space), key, encodeName(term.values), at + about.window);
  return known ? "changed" : "added";
};

const singleKey = (
  about: About,
  { fields, values }: { readonly fields: readonly string[]; readonly values: readonly string[] },
): string => {
  const index = fields.length === 1 ? about.fields.indexOf(fields[0]!) : -1;
  if (index < 0) throw new Error(`"fields" must be ${JSON.stringify(about.fields)}, or one of them`);
  return valueKey(about, index, values[0]!);
};
