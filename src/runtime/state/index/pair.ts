/** The largest number in a packed list: 48 bits. Times in milliseconds have 41. */
const largest = 2 ** 48 - 1;
const [bracket, comma, zero] = [91, 44, 48];

/** Reads whole numbers from `at` on, without leading zeros; `end` is the code of what must follow. -1: it is something else. */
const numberAt = (text: string, at: number, end: number): number => {
  let value = 0;
  let next = at;
  for (; next < text.length; next++) {
    const digit = text.charCodeAt(next) - zero;
    if (digit < 0 || digit > 9) break;
    value = value * 10 + digit;
    if (value > largest) return -1;
  }
  const isWritten = next > at && (text.charCodeAt(at) !== zero || next === at + 1);
  return isWritten && text.charCodeAt(next) === end ? value : -1;
};

const digitsOf = (value: number): number => {
  let digits = 1;
  for (let power = 10; power <= value; power *= 10) digits++;
  return digits;
};

/**
 * The two numbers of a value that is exactly `[a,b]`, both whole, not negative and of at most 48 bits: the history of a term
 * that was seen in one run. The value can be written again from them.
 */
export const readPair = (value: string): readonly [number, number] | undefined => {
  if (value.charCodeAt(0) !== bracket || value.length > 33) return undefined;
  const first = numberAt(value, 1, comma);
  if (first < 0) return undefined;
  const from = 2 + digitsOf(first);
  const second = numberAt(value, from, bracket + 2);
  return second < 0 || value.length !== from + digitsOf(second) + 1 ? undefined : [first, second];
};

export const writePair = (first: number, second: number): string => `[${first},${second}]`;
