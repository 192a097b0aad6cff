import type { Data } from "weir";
import { type Draft, WriteError, type WritePath, writePath } from "weir/fields";
import { TableError } from "weir/tables";
import type { Table } from "./tables/table.ts";

/** The most paths that are kept: rows of JSON can have any columns. */
const mostPaths = 10_000;

/** Which columns of a row go into an event, and where. */
export class Columns {
  readonly #wanted: ReadonlySet<string> | undefined;
  readonly #under: string;
  #paths = new Map<string, WritePath>();

  /** `under`: the path of the object to write into, if it is not the event itself. */
  constructor({
    wanted,
    under,
  }: { readonly wanted?: readonly string[] | undefined; readonly under: string | undefined }) {
    this.#wanted = wanted && new Set(wanted);
    this.#under = under === undefined ? "" : `${under}.`;
    for (const column of wanted ?? []) this.#pathOf(column);
  }

  /** Throws a `TableError` if the table has not all columns that are wanted, or one whose name cannot be a path. */
  check({ columns }: Table): void {
    if (!columns) return;
    const missing = [...(this.#wanted ?? [])].find((name) => !columns.has(name));
    if (missing !== undefined)
      throw new TableError(
        `it has no column "${missing}"; it has ${[...columns].map((name) => `"${name}"`).join(", ")}`,
      );
    try {
      for (const column of this.#wanted ?? columns) this.#pathOf(column);
    } catch (error) {
      if (error instanceof WriteError) throw new TableError(`a column cannot be a field: ${error.message}`);
      throw error;
    }
  }

  /** Throws a `WriteError`. */
  write(draft: Draft, row: Data, override: boolean): void {
    for (const [column, value] of Object.entries(row)) {
      if (this.#wanted && !this.#wanted.has(column)) continue;
      const path = this.#pathOf(column);
      if (override || draft.get(path) === undefined) draft.set(path, value);
    }
  }

  #pathOf(column: string): WritePath {
    const known = this.#paths.get(column);
    if (known) return known;
    if (this.#paths.size >= mostPaths) this.#paths = new Map();
    const path = writePath(`${this.#under}${column}`);
    this.#paths.set(column, path);
    return path;
  }
}
