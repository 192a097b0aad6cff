export { type CsvRecord, type CsvTable, csvTable } from "./csv.ts";
export { readWhole } from "./in-turns.ts";
export { jsonDocument, jsonLines, type Placed } from "./json.ts";
export { TableError } from "./table-error.ts";
export { type TableFile, WatchedTable } from "./watched-table.ts";
