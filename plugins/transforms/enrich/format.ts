import { extname } from "node:path";
import { csvReader } from "./tables/csv.ts";
import { jsonReader, ndjsonReader } from "./tables/json.ts";
import { mmdbReader } from "./tables/mmdb.ts";
import type { TableReader } from "./tables/table.ts";

export const formats = ["csv", "json", "ndjson", "mmdb"] as const;
export type Format = (typeof formats)[number];

const byExtension: Readonly<Record<string, Format>> = {
  ".csv": "csv",
  ".json": "json",
  ".ndjson": "ndjson",
  ".jsonl": "ndjson",
  ".mmdb": "mmdb",
};

/** The format of a file, by its name if it is not given. Throws a sentence if the name does not say it. */
export const formatOf = (path: string, given: Format | undefined): Format => {
  const format = given ?? byExtension[extname(path).toLowerCase()];
  if (!format)
    throw new Error(`the name of "${path}" does not say its format; set "format" to one of ${formats.join(", ")}`);
  return format;
};

export const readerOf = (format: Format, delimiter: string): TableReader =>
  ({ csv: csvReader(delimiter), json: jsonReader, ndjson: ndjsonReader, mmdb: mmdbReader })[format];
