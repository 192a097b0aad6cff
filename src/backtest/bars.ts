const levels = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"] as const;
/** Stands for nothing. */
const none = "·";
/** One day, in milliseconds. */
const day = 86_400_000;

/** A bar for each day, or for several days together if there are many. */
export interface Bars {
  readonly text: string;
  /** How many days a bar stands for. */
  readonly days: number;
  /** What the highest bar stands for. */
  readonly highest: number;
}

/**
 * Draws counts by day as bars, from one day to another, both included, in at most so many columns. Days are times in
 * milliseconds since 1970. Every count above 0 has a bar.
 */
export const barsOf = (
  counts: ReadonlyMap<number, number>,
  { from, to, columns }: { readonly from: number; readonly to: number; readonly columns: number },
): Bars => {
  const first = Math.floor(from / day);
  const all = Math.max(1, Math.floor(to / day) - first + 1);
  const days = Math.ceil(all / Math.max(1, columns));
  const sums = new Array<number>(Math.ceil(all / days)).fill(0);
  for (const [start, count] of counts) {
    const index = Math.floor((Math.floor(start / day) - first) / days);
    if (index >= 0 && index < sums.length) sums[index]! += count;
  }
  const highest = Math.max(...sums);
  const bar = (count: number) =>
    count === 0 ? none : levels[Math.max(0, Math.ceil((count / highest) * levels.length) - 1)]!;
  return { text: sums.map(bar).join(""), days, highest };
};
