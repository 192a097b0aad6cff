import { OrderedKeys } from "../../ordered-keys.ts";
import type { Flight, StateWrite } from "../flow/flight.ts";

interface Written extends StateWrite {
  readonly flight: Flight;
}

/** What batches wrote that are not committed; a deleted entry is there without a value. */
export class Overlay {
  readonly #entries = new Map<string, Written>();
  #order: OrderedKeys | undefined;

  get(key: string): Written | undefined {
    return this.#entries.get(key);
  }

  set(key: string, written: Written): void {
    if (!this.#entries.has(key)) this.#order?.add(key);
    this.#entries.set(key, written);
  }

  delete(key: string): void {
    if (this.#entries.delete(key)) this.#order?.remove(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  [Symbol.iterator](): IterableIterator<[string, Written]> {
    return this.#entries[Symbol.iterator]();
  }

  /** Its keys in order; from the first call on they are kept so. */
  get order(): OrderedKeys {
    this.#order ??= new OrderedKeys(this.#entries.keys());
    return this.#order;
  }
}
