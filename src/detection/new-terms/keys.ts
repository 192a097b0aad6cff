import { type Hash, tuple } from "../hash.ts";

/** How much of terms is remembered with their keys, in UTF-16 units. */
const mostRemembered = 256 * 1024;

/** The owner of a history, and the version: histories of others are separate. */
interface Owned {
  readonly hash: Hash;
  readonly id: string;
  readonly version: string;
}

/** Makes the keys of a history. */
export class HistoryKeys {
  readonly #of: Owned;
  /** Of terms that came not long ago: most of them come again and again, and a key is a hash. */
  readonly #termKeys = new Map<string, string>();
  /** The length of these terms, in UTF-16 units. */
  #rememberedUnits = 0;

  constructor(of: Owned) {
    this.#of = of;
  }

  /** The key of a kind of term with its values. */
  key(kind: string | number, ...values: readonly string[]): string {
    const { hash, id, version } = this.#of;
    return hash(tuple([id, version, kind, ...values]));
  }

  /** The key of a value of a field, by the number of the field. */
  termKey(value: string, field: number): string {
    const name = `${field} ${value}`;
    const known = this.#termKeys.get(name);
    if (known !== undefined) return known;
    const key = this.key(field, value);
    this.#rememberedUnits += name.length;
    if (this.#rememberedUnits > mostRemembered) {
      this.#termKeys.clear();
      this.#rememberedUnits = name.length;
    }
    this.#termKeys.set(name, key);
    return key;
  }
}
