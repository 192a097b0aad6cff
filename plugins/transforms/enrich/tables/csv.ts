import type { Data } from "weir";
import { csvTable, TableError } from "weir/tables";
import { indexFor } from "./row-index.ts";
import type { TableReader } from "./table.ts";

/** Reads CSV whose first line has the names of the columns. An empty value is left out of its row. */
export const csvReader = (separator: string): TableReader =>
  function* (bytes, options) {
    const { names, records } = csvTable(bytes, separator);
    const keyAt = names.indexOf(options.key ?? "");
    if (options.key === undefined)
      throw new TableError('a table of CSV needs "key", the name of the column to look up');
    if (keyAt < 0)
      throw new TableError(
        `line 1 has no column "${options.key}"; it has ${names.map((name) => `"${name}"`).join(", ")}`,
      );
    const index = indexFor(options);
    for (const { values, line } of records) {
      yield;
      const cells = values.flatMap((value, at) => (at === keyAt || value === "" ? [] : [[names[at]!, value] as const]));
      index.add(values[keyAt]!, Object.fromEntries(cells) as Data, `line ${line}`);
    }
    const columns = new Set(names.filter((_, at) => at !== keyAt));
    return { find: (value) => index.find(value), size: index.size, columns };
  };
