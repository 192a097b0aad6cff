/** How many different values are counted. When there are more, the rarer half is forgotten. */
const most = 1_000;
/** How much of a value is kept, in UTF-16 units. */
const longest = 256;

export interface TopValues {
  readonly values: readonly { readonly value: string; readonly alerts: number }[];
  /** How many different values there were; at least so many if `isExact` is false. */
  readonly distinct: number;
  /** False if there were too many different values to count them all: the counts are lower limits then. */
  readonly isExact: boolean;
}

/** Counts the values of a field, in limited memory. */
export class TopTerms {
  readonly #counts = new Map<string, number>();
  #distinct = 0;
  #isExact = true;

  add(value: string): void {
    const key = value.slice(0, longest).toWellFormed();
    const count = this.#counts.get(key) ?? 0;
    if (count === 0) this.#distinct++;
    this.#counts.set(key, count + 1);
    if (this.#counts.size > most) this.#forget();
  }

  /** The most frequent values first; equally frequent ones in alphabetical order. */
  top(count: number): TopValues {
    const values = sorted(this.#counts)
      .slice(0, count)
      .map(([value, alerts]) => ({ value, alerts }));
    return { values, distinct: this.#isExact ? this.#distinct : most, isExact: this.#isExact };
  }

  #forget(): void {
    this.#isExact = false;
    for (const [value] of sorted(this.#counts).slice(most / 2)) this.#counts.delete(value);
  }
}

const sorted = (counts: ReadonlyMap<string, number>) =>
  [...counts].sort(([a, more], [b, less]) => less - more || (a < b ? -1 : 1));
