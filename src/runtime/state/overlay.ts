import { OrderedKeys } from "../../ordered-keys.ts";

/** Uncommitted writes by key, including deletions. They hide what is stored below. */
export class Overlay<Write> {
  readonly #entries = new Map<string, Write>();
  #order: OrderedKeys | undefined;

  get(key: string): Write | undefined {
    return this.#entries.get(key);
  }

  has(key: string): boolean {
    return this.#entries.has(key);
  }

  set(key: string, write: Write): void {
    if (this.#order && !this.#entries.has(key)) this.#order.add(key);
    this.#entries.set(key, write);
  }

  delete(key: string): void {
    if (this.#entries.delete(key)) this.#order?.remove(key);
    if (this.#entries.size === 0) this.#order = undefined;
  }

  clear(): void {
    this.#entries.clear();
    this.#order = undefined;
  }

  get size(): number {
    return this.#entries.size;
  }

  [Symbol.iterator](): IterableIterator<[string, Write]> {
    return this.#entries[Symbol.iterator]();
  }

  /** The keys in order. The first call builds the order; from then on it is maintained. */
  get order(): OrderedKeys {
    this.#order ??= new OrderedKeys(this.#entries.keys());
    return this.#order;
  }
}
