import { extname } from "node:path";
import { type Data, isObject, kindOf } from "../json.ts";
import { csvTable } from "./csv.ts";
import { jsonDocument, jsonLines } from "./json.ts";
import { linesOf } from "./lines.ts";
import { TableError } from "./table-error.ts";

/** The formats of a list of rows. `text`: one value in each line; a line that begins with `#` is left out. */
export const rowFormats = ["csv", "ndjson", "json", "text"] as const;
export type RowFormat = (typeof rowFormats)[number];

const byExtension: Readonly<Record<string, RowFormat>> = {
  ".csv": "csv",
  ".json": "json",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".txt": "text",
};

/** The format of a file or a page, by its name if it is not given; `undefined` if the name does not say it. */
export const rowFormatOf = (name: string, given: RowFormat | undefined): RowFormat | undefined =>
  given ?? byExtension[extname(name).toLowerCase()];

/** Reads rows one by one. Throws a `TableError` that names the line of a wrong one. */
export const readRows = function* (
  bytes: Buffer,
  format: RowFormat,
  { delimiter }: { readonly delimiter: string },
): Generator<Data, undefined> {
  if (format === "csv") yield* csvRows(bytes, delimiter);
  else if (format === "text") yield* textRows(bytes);
  else if (format === "ndjson") for (const { value, place } of jsonLines(bytes)) yield rowOf(value, place);
  else {
    const value = jsonDocument(bytes);
    if (!Array.isArray(value)) throw new TableError(`the file is ${kindOf(value)}; it must be an array of objects`);
    for (const [at, row] of value.entries()) yield rowOf(row, `element ${at + 1}`);
  }
  return undefined;
};

const rowOf = (value: unknown, place: string): Data => {
  if (isObject(value)) return value;
  throw new TableError(`${place} is ${kindOf(value)}, and not an object`);
};

/** An empty value is left out. */
const csvRows = function* (bytes: Buffer, delimiter: string): Generator<Data, undefined> {
  const { names, records } = csvTable(bytes, delimiter);
  for (const { values } of records) {
    const cells = values.flatMap((value, at) => (value === "" ? [] : [[names[at]!, value] as const]));
    yield Object.fromEntries(cells) as Data;
  }
  return undefined;
};

const textRows = function* (bytes: Buffer): Generator<Data, undefined> {
  for (const { text } of linesOf(bytes)) {
    const value = text.trim();
    if (value !== "" && !value.startsWith("#")) yield { value };
  }
  return undefined;
};
