import { parseCsv } from "../formats/csv.ts";
import { FormatError } from "../formats/format-error.ts";
import { type Line, linesOf } from "./lines.ts";
import { TableError } from "./table-error.ts";

/** The most lines that a value in quotes can have. */
const mostLinesOfRow = 1000;

/** A record of CSV. */
export interface CsvRecord {
  readonly values: readonly string[];
  /** The number of its first line. */
  readonly line: number;
}

/** The names of the columns, and the records below them: as many values each as there are names. */
export interface CsvTable {
  readonly names: readonly string[];
  readonly records: Generator<CsvRecord, undefined>;
}

/** Reads CSV (RFC 4180) whose first line has the names of the columns. Throws a `TableError`, also while records are read. */
export const csvTable = (bytes: Buffer, separator: string): CsvTable => {
  const all = recordsOf(bytes, separator);
  const header = all.next();
  if (header.done) throw new TableError("the file is empty; its first line must have the names of the columns");
  const names = checkedNames(header.value.values);
  return { names, records: checkedRecords(all, names.length) };
};

const checkedNames = (names: readonly string[]): readonly string[] => {
  const known = new Set<string>();
  for (const [at, name] of names.entries()) {
    if (name === "") throw new TableError(`line 1: column ${at + 1} has no name`);
    if (known.has(name)) throw new TableError(`line 1 names the column "${name}" twice`);
    known.add(name);
  }
  return names;
};

const checkedRecords = function* (
  records: Generator<CsvRecord, undefined>,
  width: number,
): Generator<CsvRecord, undefined> {
  for (const record of records) {
    const { values, line } = record;
    if (values.length !== width)
      throw new TableError(`line ${line}: the number of values is ${values.length}, but line 1 names ${width} columns`);
    yield record;
  }
  return undefined;
};

/** The records that are not empty. A value in quotes can contain line ends. */
const recordsOf = function* (bytes: Buffer, separator: string): Generator<CsvRecord, undefined> {
  let open: Line[] = [];
  let isOpen = false;
  for (const line of linesOf(bytes)) {
    if (!isOpen && line.text === "") continue;
    open.push(line);
    isOpen = endsInQuotes(line.text, separator, isOpen);
    if (isOpen && open.length < mostLinesOfRow) continue;
    yield recordOf(open, separator);
    [open, isOpen] = [[], false];
  }
  if (open.length > 0) yield recordOf(open, separator);
  return undefined;
};

/** Whether a value in quotes goes on behind a line. `isOpen`: whether one goes on at its start. */
const endsInQuotes = (text: string, separator: string, isOpen: boolean): boolean => {
  let at = isOpen ? 0 : text[0] === '"' ? 1 : -1;
  for (let cell = 0; ; ) {
    if (at >= 0) {
      at = text.indexOf('"', at);
      if (at < 0) return true;
      // A quote that is written twice is a part of the value.
      if (text[at + 1] === '"') {
        at += 2;
        continue;
      }
      cell = at;
    }
    const end = text.indexOf(separator, cell);
    if (end < 0) return false;
    cell = end + 1;
    at = text[cell] === '"' ? cell + 1 : -1;
  }
};

const recordOf = (lines: readonly Line[], separator: string): CsvRecord => {
  const line = lines[0]!.number;
  try {
    return { values: parseCsv(lines.map(({ text }) => text).join("\n"), { separator, quote: '"' }), line };
  } catch (error) {
    if (error instanceof FormatError) throw new TableError(`line ${line}: ${error.message}`);
    throw error;
  }
};
