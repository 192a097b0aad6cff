/** Each bucket reaches from one power of this to the next, so that a quantile is off by at most one percent. */
const gamma = 1.02;
const logGamma = Math.log(gamma);
/** With more buckets, the lowest are merged: their quantiles are then too high. */
const mostBuckets = 2048;

/** Counts of numbers by bucket: of positive ones by their power, of negative ones by that of their size, and of zeros. */
export interface Sketch {
  readonly positive: Readonly<Record<string, number>>;
  readonly negative: Readonly<Record<string, number>>;
  readonly zeros: number;
}

export const emptySketch: Sketch = { positive: {}, negative: {}, zeros: 0 };

/** The sketch with more numbers: a DDSketch (Masson, Rim and Lee, 2019). */
export const withNumbers = ({ positive, negative, zeros }: Sketch, numbers: readonly number[]): Sketch => ({
  positive: counted(
    positive,
    numbers.filter((number) => number > 0),
  ),
  negative: counted(
    negative,
    numbers.filter((number) => number < 0).map((number) => -number),
  ),
  zeros: zeros + numbers.filter((number) => number === 0).length,
});

const bucketOf = (size: number): number => Math.ceil(Math.log(size) / logGamma);

const counted = (before: Sketch["positive"], sizes: readonly number[]): Sketch["positive"] => {
  if (sizes.length === 0) return before;
  const buckets: Record<number, number> = { ...before };
  for (const bucket of sizes.map(bucketOf)) buckets[bucket] = (buckets[bucket] ?? 0) + 1;
  const indexes = Object.keys(buckets);
  if (indexes.length <= mostBuckets) return buckets;
  const ordered = indexes.map(Number).sort((a, b) => a - b);
  const merged = ordered.splice(0, ordered.length - mostBuckets);
  const lowest = ordered[0]!;
  for (const bucket of merged) {
    buckets[lowest] = (buckets[lowest] ?? 0) + (buckets[bucket] ?? 0);
    delete buckets[bucket];
  }
  return buckets;
};

/** The number of which a share of all numbers is at most as large, to about one percent. Undefined without numbers. */
export const quantileOf = ({ positive, negative, zeros }: Sketch, share: number): number | undefined => {
  const entries = (buckets: Sketch["positive"]) =>
    Object.entries(buckets).map(([index, count]) => [Number(index), count] as const);
  const ordered: (readonly [number: number, count: number])[] = [
    ...entries(negative)
      .sort(([a], [b]) => b - a)
      .map(([index, count]) => [-middleOf(index), count] as const),
    ...(zeros > 0 ? [[0, zeros] as const] : []),
    ...entries(positive)
      .sort(([a], [b]) => a - b)
      .map(([index, count]) => [middleOf(index), count] as const),
  ];
  const total = ordered.reduce((sum, [, count]) => sum + count, 0);
  let left = Math.max(1, Math.ceil(share * total));
  for (const [number, count] of ordered) {
    left -= count;
    if (left <= 0) return number;
  }
  return undefined;
};

const middleOf = (index: number): number => Math.min(Number.MAX_VALUE, gamma ** index * (2 / (gamma + 1)));
