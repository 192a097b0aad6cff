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

/** The sketch with one more number: a DDSketch (Masson, Rim and Lee, 2019). */
export const withNumber = ({ positive, negative, zeros }: Sketch, number: number): Sketch => {
  if (number > 0) return { positive: counted(positive, bucketOf(number)), negative, zeros };
  if (number < 0) return { positive, negative: counted(negative, bucketOf(-number)), zeros };
  return { positive, negative, zeros: zeros + 1 };
};

const bucketOf = (size: number): number => Math.ceil(Math.log(size) / logGamma);

const counted = (buckets: Sketch["positive"], bucket: number): Sketch["positive"] => {
  const next: Record<number, number> = { ...buckets, [bucket]: (buckets[bucket] ?? 0) + 1 };
  const indexes = Object.keys(next);
  if (indexes.length <= mostBuckets) return next;
  const [lowest, second] = indexes.map(Number).sort((a, b) => a - b) as [number, number];
  const { [lowest]: merged = 0, ...rest } = next;
  return { ...rest, [second]: (next[second] ?? 0) + merged };
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

const middleOf = (index: number): number => (2 * gamma ** index) / (gamma + 1);
