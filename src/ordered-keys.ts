/** Compares strings by code point, as SQLite orders UTF-8. (The operator `<` compares UTF-16 code units.) */
export const compareKeys = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    // Surrogates encode the highest code points, although their code units are not the highest.
    const [high, low] = [isSurrogate(x), isSurrogate(y)];
    return high === low ? x - y : high ? 1 : -1;
  }
  return a.length - b.length;
};

const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;

/** Up to this many changes are made one by one. More are merged in one pass over all keys. */
const fewChanges = 16;

/** A sorted set of keys. Changes are collected and applied at the next read, so that many cost little more than one. */
export class OrderedKeys {
  #keys: string[];
  readonly #added = new Set<string>();
  readonly #removed = new Set<string>();

  constructor(keys: Iterable<string>) {
    this.#keys = [...keys].sort(compareKeys);
  }

  add(key: string): void {
    this.#removed.delete(key);
    this.#added.add(key);
  }

  remove(key: string): void {
    this.#added.delete(key);
    this.#removed.add(key);
  }

  /**
   * The keys that start with `prefix`, after `after` (exclusive) and up to `end` (inclusive). Do not change the set while
   * you iterate.
   */
  *within(prefix: string, after: string | undefined, end: string | undefined): Generator<string> {
    this.#settle();
    const from =
      after !== undefined && compareKeys(after, prefix) >= 0 ? this.#firstAfter(after) : this.#firstFrom(prefix);
    for (let at = from; at < this.#keys.length; at++) {
      const key = this.#keys[at]!;
      if (!key.startsWith(prefix) || (end !== undefined && compareKeys(key, end) > 0)) return;
      yield key;
    }
  }

  #settle(): void {
    const changes = this.#added.size + this.#removed.size;
    if (changes === 0) return;
    if (changes <= fewChanges) {
      for (const key of this.#removed) this.#splice(key, 1);
      for (const key of this.#added) this.#splice(key, 0, key);
    } else {
      const left = this.#removed.size === 0 ? this.#keys : this.#keys.filter((key) => !this.#removed.has(key));
      this.#keys = [...merged(left, [...this.#added].sort(compareKeys))];
    }
    this.#added.clear();
    this.#removed.clear();
  }

  /** Removes a key if it is present, or inserts one if it is absent. */
  #splice(key: string, count: 0 | 1, ...keys: string[]): void {
    const at = this.#firstFrom(key);
    if ((this.#keys[at] === key) === (count === 1)) this.#keys.splice(at, count, ...keys);
  }

  #firstFrom(key: string): number {
    let [low, high] = [0, this.#keys.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compareKeys(this.#keys[middle]!, key) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #firstAfter(key: string): number {
    const at = this.#firstFrom(key);
    return this.#keys[at] === key ? at + 1 : at;
  }
}

/** Merges two sorted lists into one; a key in both appears once. */
export function* merged(a: Iterable<string>, b: Iterable<string>): Generator<string> {
  const [left, right] = [a[Symbol.iterator](), b[Symbol.iterator]()];
  let [x, y] = [left.next(), right.next()];
  while (!x.done || !y.done) {
    const order = x.done ? 1 : y.done ? -1 : compareKeys(x.value, y.value);
    yield order <= 0 ? x.value! : y.value!;
    if (order <= 0) x = left.next();
    if (order >= 0) y = right.next();
  }
}
