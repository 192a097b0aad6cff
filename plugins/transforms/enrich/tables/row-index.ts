import type { Data } from "weir";
import { ExactNumber, networkKey, parseNetwork } from "weir/fields";
import { TableError } from "weir/tables";
import type { TableOptions } from "./table.ts";

/** The most rows of a table. */
const mostRows = 1_000_000;

/** Collects rows, and finds them by their keys. */
export abstract class RowIndex {
  #count = 0;

  /** For the log. */
  get size(): string {
    return this.#count === 1 ? "1 row" : `${this.#count} rows`;
  }

  /** Throws a `TableError` if there are too many rows, or another one with this key. `place`: such as `line 3`. */
  add(key: string, row: Data, place: string): void {
    if (this.#count >= mostRows)
      throw new TableError(`${place}: the table has more than ${mostRows} rows; keep only those that events need`);
    if (!this.put(key, row, place))
      throw new TableError(`${place}: another row has the key "${key}", too; remove one of them`);
    this.#count++;
  }

  /** The row for a value; of several values, for the first that has one. */
  find(value: unknown): Data | undefined {
    for (const one of Array.isArray(value) ? value : [value]) {
      const key = keyText(one);
      const row = key === undefined ? undefined : this.get(key);
      if (row) return row;
    }
    return undefined;
  }

  /** False if the key is already there. */
  protected abstract put(key: string, row: Data, place: string): boolean;
  protected abstract get(key: string): Data | undefined;
}

/** The text of a key: of a text, a number or a boolean. */
export const keyText = (value: unknown): string | undefined => {
  if (typeof value === "string") return value;
  const isPlain = typeof value === "number" || typeof value === "boolean" || value instanceof ExactNumber;
  return isPlain ? String(value) : undefined;
};

export const indexFor = ({ match, ignoreCase }: TableOptions): RowIndex =>
  match === "network" ? new NetworkIndex() : new KeyIndex(ignoreCase);

/** Keys that are equal. */
class KeyIndex extends RowIndex {
  readonly #rows = new Map<string, Data>();
  readonly #ignoreCase: boolean;

  constructor(ignoreCase: boolean) {
    super();
    this.#ignoreCase = ignoreCase;
  }

  protected put(key: string, row: Data): boolean {
    const known = this.#ignoreCase ? key.toLowerCase() : key;
    if (this.#rows.has(known)) return false;
    this.#rows.set(known, row);
    return true;
  }

  protected get(key: string): Data | undefined {
    return this.#rows.get(this.#ignoreCase ? key.toLowerCase() : key);
  }
}

/** Keys that are networks: an address has the row of the smallest network that it is in. */
class NetworkIndex extends RowIndex {
  /** By the length of the prefix, from the longest: rows by the first bits of their addresses. */
  #byLength: (readonly [bits: number, rows: Map<string, Data>])[] = [];

  protected put(key: string, row: Data, place: string): boolean {
    const network = networkOf(key);
    if (!network)
      throw new TableError(`${place}: "${key}" is no network such as 10.0.0.0/8 or fd00::/8, and no address`);
    const { address, bits } = network;
    let rows = this.#byLength.find(([length]) => length === bits)?.[1];
    if (!rows) {
      rows = new Map();
      this.#byLength = [...this.#byLength, [bits, rows] as const].sort(([a], [b]) => b - a);
    }
    const start = networkKey(address, bits);
    if (rows.has(start)) return false;
    rows.set(start, row);
    return true;
  }

  protected get(key: string): Data | undefined {
    const address = key.includes("/") ? undefined : networkOf(key)?.address;
    if (!address) return undefined;
    for (const [bits, rows] of this.#byLength) {
      const row = rows.get(networkKey(address, bits));
      if (row) return row;
    }
    return undefined;
  }
}

const networkOf = (text: string) =>
  parseNetwork(text.includes("/") ? text : `${text}/${text.includes(":") ? 128 : 32}`);
