/** Indexes of what belongs together; a side that has no counterpart is undefined. */
export interface Pair {
  readonly expected?: number;
  readonly actual?: number;
}

/** Whether an expected and an actual item match. */
type Matches = (expected: number, actual: number) => boolean;

/** A table of more entries would take too long. */
const largestTable = 4_000_000;

/**
 * Pairs two lists in order: as many matches as possible, and between them what is left, one by one. Very long lists are
 * paired one by one only.
 */
export const align = (expected: number, actual: number, matches: Matches): Pair[] => {
  const start = commonStart(expected, actual, matches);
  const head = Array.from({ length: start }, (_, index): Pair => ({ expected: index, actual: index }));
  const rest = pairsOf(expected - start, actual - start, (i, j) => matches(i + start, j + start));
  const moved = rest.map(({ expected: i, actual: j }) => ({
    ...(i !== undefined && { expected: i + start }),
    ...(j !== undefined && { actual: j + start }),
  }));
  return [...head, ...moved];
};

/** How many items at the start match one by one. */
const commonStart = (expected: number, actual: number, matches: Matches): number => {
  let start = 0;
  while (start < expected && start < actual && matches(start, start)) start++;
  return start;
};

const pairsOf = (expected: number, actual: number, matches: Matches): Pair[] => {
  if (expected * actual > largestTable) return oneByOne(expected, actual);
  const width = actual + 1;
  const most = new Uint32Array((expected + 1) * width);
  for (let i = expected - 1; i >= 0; i--)
    for (let j = actual - 1; j >= 0; j--)
      most[i * width + j] = matches(i, j)
        ? most[(i + 1) * width + j + 1]! + 1
        : Math.max(most[(i + 1) * width + j]!, most[i * width + j + 1]!);
  const pairs: Pair[] = [];
  let [i, j] = [0, 0];
  const between = (toI: number, toJ: number) => {
    for (; i < toI || j < toJ; i++, j++) pairs.push({ ...(i < toI && { expected: i }), ...(j < toJ && { actual: j }) });
    [i, j] = [toI, toJ];
  };
  let [a, b] = [0, 0];
  while (a < expected && b < actual) {
    if (matches(a, b)) {
      between(a, b);
      pairs.push({ expected: a++, actual: b++ });
      [i, j] = [a, b];
    } else if (most[(a + 1) * width + b]! >= most[a * width + b + 1]!) a++;
    else b++;
  }
  between(expected, actual);
  return pairs;
};

const oneByOne = (expected: number, actual: number): Pair[] =>
  Array.from({ length: Math.max(expected, actual) }, (_, index) => ({
    ...(index < expected && { expected: index }),
    ...(index < actual && { actual: index }),
  }));

/** Pairs two lists in any order, with as many matches as possible (augmenting paths). */
export const match = (expected: number, actual: number, matches: Matches): Pair[] => {
  const takenBy = new Map<number, number>();
  const assign = (one: number, tried: Set<number>): boolean => {
    for (let other = 0; other < actual; other++) {
      if (tried.has(other) || !matches(one, other)) continue;
      tried.add(other);
      const owner = takenBy.get(other);
      if (owner !== undefined && !assign(owner, tried)) continue;
      takenBy.set(other, one);
      return true;
    }
    return false;
  };
  for (let one = 0; one < expected; one++) assign(one, new Set());
  const matched = new Map([...takenBy].map(([other, one]) => [one, other]));
  const free = Array.from({ length: actual }, (_, other) => other).filter((other) => !takenBy.has(other));
  const pairs = Array.from({ length: expected }, (_, one): Pair => {
    const other = matched.get(one) ?? free.shift();
    return other === undefined ? { expected: one } : { expected: one, actual: other };
  });
  return [...pairs, ...free.map((other) => ({ actual: other }))];
};
