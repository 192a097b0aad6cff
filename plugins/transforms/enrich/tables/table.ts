import type { Data } from "weir";

/** Rows by the value of an event's field. */
export interface Table {
  /** The row for a value; undefined if there is none. Throws a `TableError` if the file turns out to be damaged. */
  find(value: unknown): Data | undefined;
  /** How much is in it, for the log, such as `12 rows`. */
  readonly size: string;
  /** The names of all columns that rows can have; undefined if they are known only row by row. */
  readonly columns?: ReadonlySet<string>;
}

/** How the rows of a table are found. */
export interface TableOptions {
  /** The column with the keys. */
  readonly key: string | undefined;
  readonly match: "exact" | "network";
  readonly ignoreCase: boolean;
}

/** Makes a table of the bytes of a file. It yields now and then, so that a large file can be read in several turns. */
export type TableReader = (bytes: Buffer, options: TableOptions) => Generator<void, Table>;
