import type { Data } from "weir";
import { isObject, kindOf } from "weir/fields";
import { jsonDocument, jsonLines, TableError } from "weir/tables";
import { indexFor, keyText, type RowIndex } from "./row-index.ts";
import type { Table, TableReader } from "./table.ts";

/** Reads one object a line. */
export const ndjsonReader: TableReader = function* (bytes, options) {
  const key = neededKey(options.key, "NDJSON");
  const index = indexFor(options);
  for (const { value, place } of jsonLines(bytes)) {
    yield;
    addRow(index, value, key, place);
  }
  return tableOf(index);
};

/** Reads an array of objects, or an object whose keys are those of the rows. A row that is no object has the column `value`. */
export const jsonReader: TableReader = function* (bytes, options) {
  const value = jsonDocument(bytes);
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

const addRow = (index: RowIndex, row: unknown, key: string, place: string): void => {
  if (!isObject(row)) throw new TableError(`${place} is ${kindOf(row)}, and not an object`);
  const text = Object.hasOwn(row, key) ? keyText(row[key]) : undefined;
  if (text === undefined) throw new TableError(`${place} has no text or number under "${key}", the key`);
  index.add(text, Object.fromEntries(Object.entries(row).filter(([name]) => name !== key)) as Data, place);
};
