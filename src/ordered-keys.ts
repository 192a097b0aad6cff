/** Text in the order of its code points, as SQLite orders UTF-8; `<` would order by UTF-16 units. */
export const compareKeys = (a: string, b: string): number => {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x === y) continue;
    // Surrogates encode the highest code points, although their units are not the highest.
    const [high, low] = [isSurrogate(x), isSurrogate(y)];
    return high === low ? x - y : high ? 1 : -1;
  }
  return a.length - b.length;
};

const isSurrogate = (unit: number) => unit >= 0xd800 && unit <= 0xdfff;

/** A set of keys, kept in order. */
export class OrderedKeys {
  readonly #keys: string[];

  constructor(keys: Iterable<string>) {
    this.#keys = [...keys].sort(compareKeys);
  }

  add(key: string): void {
    const at = this.#firstFrom(key);
    if (this.#keys[at] !== key) this.#keys.splice(at, 0, key);
  }

  remove(key: string): void {
    const at = this.#firstFrom(key);
    if (this.#keys[at] === key) this.#keys.splice(at, 1);
  }

  /** The keys that start with `prefix`, after `after`, up to and including `end`. */
  within(prefix: string, after: string | undefined, end: string | undefined): string[] {
    const from =
      after !== undefined && compareKeys(after, prefix) >= 0 ? this.#firstAfter(after) : this.#firstFrom(prefix);
    const found: string[] = [];
    for (let at = from; at < this.#keys.length; at++) {
      const key = this.#keys[at]!;
      if (!key.startsWith(prefix) || (end !== undefined && compareKeys(key, end) > 0)) break;
      found.push(key);
    }
    return found;
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

  /** Two ordered lists as one, each key once. */
  static merged(a: readonly string[], b: readonly string[]): string[] {
    const all: string[] = [];
    for (let i = 0, j = 0; i < a.length || j < b.length; ) {
      const order = i === a.length ? 1 : j === b.length ? -1 : compareKeys(a[i]!, b[j]!);
      all.push(order <= 0 ? a[i]! : b[j]!);
      if (order <= 0) i++;
      if (order >= 0) j++;
    }
    return all;
  }
}
