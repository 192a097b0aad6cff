export { type CsvRecord, type CsvTable, csvTable } from "./csv.ts";
export { readWhole } from "./in-turns.ts";
export { type OpenIndicators, openIndicators } from "./indicators/open.ts";
export { indicatorsOption } from "./indicators/option.ts";
export { jsonDocument, jsonLines, type Placed } from "./json.ts";
export { TableError } from "./table-error.ts";
export { type TableFile, WatchedTable } from "./watched-table.ts";
