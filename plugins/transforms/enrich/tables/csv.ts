import type { Data } from "weir";
import { FormatError, parseCsv } from "weir/formats";
import { type Line, linesOf } from "./lines.ts";
import { indexFor } from "./row-index.ts";
import { TableError, type TableReader } from "./table.ts";

/** The most lines that a value in quotes can have. */
const mostLinesOfRow = 1000;

/** Reads CSV (RFC 4180) whose first line has the names of the columns. An empty value is left out of its row. */
export const csvReader = (separator: string): TableReader =>
  function* (bytes, options) {
    const rows = recordsOf(bytes, separator);
    const header = rows.next();
    if (header.done) throw new TableError("the file is empty; its first line must have the names of the columns");
    const names = checkedNames(header.value.values);
    const keyAt = names.indexOf(options.key ?? "");
    if (options.key === undefined)
      throw new TableError('a table of CSV needs "key", the name of the column to look up');
    if (keyAt < 0)
      throw new TableError(
        `line 1 has no column "${options.key}"; it has ${names.map((name) => `"${name}"`).join(", ")}`,
      );
    const index = indexFor(options);
    for (const { values, line } of rows) {
      yield;
      const place = `line ${line}`;
      if (values.length !== names.length)
        throw new TableError(
          `${place}: the number of values is ${values.length}, but line 1 names ${names.length} columns`,
        );
      const cells = values.flatMap((value, at) => (at === keyAt || value === "" ? [] : [[names[at]!, value] as const]));
      index.add(values[keyAt]!, Object.fromEntries(cells) as Data, place);
    }
    const columns = new Set(names.filter((_, at) => at !== keyAt));
    return { find: (value) => index.find(value), size: index.size, columns };
  };

const checkedNames = (names: readonly string[]): readonly string[] => {
  for (const [at, name] of names.entries()) {
    if (name === "") throw new TableError(`line 1: column ${at + 1} has no name`);
    if (names.indexOf(name) < at) throw new TableError(`line 1 names the column "${name}" twice`);
  }
  return names;
};

interface Row {
  readonly values: readonly string[];
  /** The number of its first line. */
  readonly line: number;
}

/** The rows that are not empty. A value in quotes can contain line ends. */
const recordsOf = function* (bytes: Buffer, separator: string): Generator<Row, undefined> {
  let open: Line[] = [];
  let isOpen = false;
  for (const line of linesOf(bytes)) {
    if (!isOpen && line.text === "") continue;
    open.push(line);
    isOpen = endsInQuotes(line.text, separator, isOpen);
    if (isOpen && open.length < mostLinesOfRow) continue;
    yield rowOf(open, separator);
    [open, isOpen] = [[], false];
  }
  if (open.length > 0) yield rowOf(open, separator);
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

const rowOf = (lines: readonly Line[], separator: string): Row => {
  const line = lines[0]!.number;
  try {
    return { values: parseCsv(lines.map(({ text }) => text).join("\n"), { separator, quote: '"' }), line };
  } catch (error) {
    if (error instanceof FormatError) throw new TableError(`line ${line}: ${error.message}`);
    throw error;
  }
};
