import { isDeepStrictEqual } from "node:util";
import { decodeHorizon, encodeHorizon, expiresAt } from "../detection/new-terms/horizon.ts";
import { decodeEntry, encodeEntry, keptFor } from "../detection/new-terms/observe.ts";
import { type About, aboutEntry, encodeName } from "../detection/new-terms/term-names.ts";
import type { StateRows, StateWriter } from "../storage/state-rows.ts";
import { StorageError } from "../storage/storage-error.ts";
import { isComponentId } from "../topology/reference.ts";
import { combinationKey, horizonKey, merged, namesSpace, spaceOf, valueKey } from "./histories.ts";
import { type Line, readLine } from "./line.ts";
import { Budget } from "./sealed/budget.ts";
import { SealedImport, type SealedOptions } from "./sealed/import.ts";
import { isSealed, Seal } from "./sealed/seal.ts";

export interface Imported {
  /** Components whose state was imported besides histories, and its keys: keys with their values. */
  readonly components: number;
  readonly keys: number;
  readonly histories: number;
  /** Entries that were not there before. */
  readonly added: number;
  /** Entries that were there, and were seen earlier or later in the file. */
  readonly changed: number;
  /** Entries that were there as they are in the file, or are too old to be kept. */
  readonly unchanged: number;
  /** What was left out, and why, for people. */
  readonly left: readonly string[];
}

interface Target {
  readonly component: string;
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
 * Adds exported state. Entries of histories are merged: what was seen in the data dir or in the file. The rest is put into
 * components that remember nothing else. Rejects with a `LineError`, and changes nothing, if a line is wrong. It reads the
 * lines as it goes, and needs little memory.
 */
export const importLines = (
  rows: StateRows,
  lines: AsyncIterable<string> | Iterable<string>,
  options: SealedOptions,
): Promise<Imported> =>
  rows.change(async (writer) => {
    const budget = new Budget(options.keeping);
    const sealed = new SealedImport(rows, writer, budget, options);
    const counts = { histories: 0, added: 0, changed: 0, unchanged: 0 };
    const file = new FileOrder();
    let target: Target | undefined;
    let number = 0;
    for await (const text of lines) {
      number++;
      if (text.trim() === "") continue;
      try {
        const line = file.read(text.trimEnd(), number);
        if (line.kind === "history") {
          target = targetOf(rows, writer, line, options);
          counts.histories++;
        } else if (line.kind === "entry") {
          if (!target) throw new Error('a line with "history" must come before it');
          counts[add({ rows, writer, budget }, target, line)]++;
        } else if (line.kind !== "file" && line.kind !== "end") sealed.add(line);
      } catch (error) {
        if (error instanceof StorageError) throw error;
        throw new LineError(number, (error as Error).message);
      }
    }
    file.end(number);
    return { components: sealed.components, keys: sealed.keys, ...counts, left: sealed.left };
  });

/** Checks that the lines of a file are all there and as they were written, as far as this is known. */
class FileOrder {
  readonly #seal = new Seal();
  /** Lines with a seal came, so the last line must have one, too. */
  #isSealed = false;
  #isComplete = false;

  read(text: string, number: number): Line {
    const line = readLine(text);
    if ((number === 1) !== (line.kind === "file")) throw new Error(wrongPlace);
    if (this.#isComplete) throw new Error('a line with "weir_state_end" must be the last one');
    if (isSealed(text) ? !this.#seal.fits(text) : this.#isSealed && line.kind === "end") throw new Error(broken);
    this.#isSealed ||= isSealed(text);
    this.#isComplete = line.kind === "end";
    return line;
  }

  end(number: number): void {
    if (number === 0) throw new LineError(1, wrongPlace);
    if (!this.#isComplete)
      throw new LineError(number + 1, 'the file ends without a line with "weir_state_end": a part of it is missing');
  }
}

const broken =
  "its seal is broken: it, or a line with a seal before it, was changed or removed since the export. Only the lines of histories may be edited";

const wrongPlace =
  'the first line, and no other, must have "weir_state": this is not a whole file of `weir state export`';

const targetOf = (
  rows: StateRows,
  writer: StateWriter,
  { component, about, horizon: exported }: Extract<Line, { readonly kind: "history" }>,
  { into = component, now }: Pick<SealedOptions, "into" | "now">,
): Target => {
  if (about.id === component && into !== component)
    throw new Error(`this is the history of the transform "${component}", which can be imported under this id only`);
  if (!isComponentId(into)) throw new Error(`"${into}" is not an id: only letters, digits, "_" and "-" are allowed`);
  const space = spaceOf(into, about.id);
  const known = rows.get(space, horizonKey(about))?.value;
  const horizon = known === undefined ? exported : decodeHorizon(known, now);
  if (known === undefined && exported) writer.set(space, horizonKey(about), encodeHorizon(exported), undefined);
  const kept = keptFor(about.window);
  const { key, value } = aboutEntry(about);
  if (rows.get(namesSpace(space), key) === undefined) writer.set(namesSpace(space), key, value, undefined);
  return {
    component: into,
    about,
    space,
    expires: (last) => (horizon ? expiresAt(horizon, last, kept) : last + kept),
    swept: rows.swept(space),
  };
};

const add = (
  { rows, writer, budget }: { readonly rows: StateRows; readonly writer: StateWriter; readonly budget: Budget },
  { component, about, space, expires, swept }: Target,
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
  const value = encodeEntry(after);
  if (!known) budget.grow(component, key, value);
  writer.set(space, key, value, at);
  if (isCombination) {
    const names = encodeName(term.values);
    if (!known) budget.grow(component, key, names);
    writer.set(namesSpace(space), key, names, at + about.window);
  }
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
