import { isUtf8 } from "node:buffer";
import type { Data } from "weir";
import { isObject, kindOf, parseJson } from "weir/fields";
import { linesOf } from "./lines.ts";
import { indexFor, keyText, type RowIndex } from "./row-index.ts";
import { type Table, TableError, type TableReader } from "./table.ts";

/** A document is parsed in one piece, which must not hold events up for long. */
const mostBytesOfDocument = 4 * 1024 * 1024;

/** Reads one object a line. */
export const ndjsonReader: TableReader = function* (bytes, options) {
  const key = neededKey(options.key, "NDJSON");
  const index = indexFor(options);
  for (const { text, number } of linesOf(bytes)) {
    yield;
    if (text.trim() !== "") addRow(index, parsed(text, `line ${number}`), key, `line ${number}`);
  }
  return tableOf(index);
};

/** Reads an array of objects, or an object whose keys are those of the rows. A row that is no object has the column `value`. */
export const jsonReader: TableReader = function* (bytes, options) {
  if (bytes.length > mostBytesOfDocument)
    throw new TableError("a file of JSON can have up to 4 MiB; write one object a line instead (format: ndjson)");
  if (!isUtf8(bytes)) throw new TableError("the file is not UTF-8; save it in this encoding");
  const value = parsed(bytes.toString("utf8").replace(/^\ufeff/, ""), "the file");
  const index = indexFor(options);
  if (Array.isArray(value)) {
    const key = neededKey(options.key, "a JSON array");
    for (const [at, row] of value.entries()) {
      yield;
      addRow(index, row, key, `element ${at + 1}`);
    }
  } else if (isObject(value)) {
    if (options.key !== undefined)
      throw new TableError('the file is an object by key, so leave "key" out; "key" is for an array of objects');
    for (const [key, row] of Object.entries(value)) {
      yield;
      index.add(key, isObject(row) ? row : { value: row }, `"${key}"`);
    }
  } else throw new TableError(`the file is ${kindOf(value)}; it must be an array of objects, or an object by key`);
  return tableOf(index);
};

const neededKey = (key: string | undefined, what: string): string => {
  if (key === undefined) throw new TableError(`a table of ${what} needs "key", the name of the member to look up`);
  return key;
};

const tableOf = (index: RowIndex): Table => ({ find: (value) => index.find(value), size: index.size });

const parsed = (text: string, place: string): unknown => {
  try {
    return parseJson(text);
  } catch (error) {
    const [reason = ""] = (error as Error).message.split("\n");
    throw new TableError(`${place} is not JSON: ${reason.replace(/\.$/, "")}`);
  }
};

const addRow = (index: RowIndex, row: unknown, key: string, place: string): void => {
  if (!isObject(row)) throw new TableError(`${place} is ${kindOf(row)}, and not an object`);
  const text = Object.hasOwn(row, key) ? keyText(row[key]) : undefined;
  if (text === undefined) throw new TableError(`${place} has no text or number under "${key}", the key`);
  index.add(text, Object.fromEntries(Object.entries(row).filter(([name]) => name !== key)) as Data, place);
};
