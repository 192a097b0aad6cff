/** A set of small numbers, with a bit for each. All that are used together have the same length. */
export type Bits = Uint32Array;

/** The set of `numbers`, each below `size`. */
export const bitsOf = (numbers: Iterable<number>, size: number): Bits => {
  const bits = new Uint32Array(Math.ceil(size / 32));
  for (const number of numbers) addBit(bits, number);
  return bits;
};

export const addBit = (bits: Bits, number: number): void => {
  bits[number >>> 5]! |= 1 << (number & 31);
};

export const hasBit = (bits: Bits, number: number): boolean => ((bits[number >>> 5]! >>> (number & 31)) & 1) === 1;

/** Whether the sets have a number in common. */
export const intersects = (a: Bits, b: Bits): boolean => {
  for (let at = 0; at < a.length; at++) if ((a[at]! & b[at]!) !== 0) return true;
  return false;
};

/** Adds the numbers of another set. */
export const addAll = (bits: Bits, others: Bits): void => {
  for (let at = 0; at < bits.length; at++) bits[at]! |= others[at]!;
};

/** Keeps only the numbers that are in another set too; returns whether there are any. */
export const keepOnly = (bits: Bits, others: Bits): boolean => {
  let left = 0;
  for (let at = 0; at < bits.length; at++) left |= bits[at]! &= others[at]!;
  return left !== 0;
};

/** The numbers of a set, in ascending order. */
export const numbersOf = (bits: Bits): number[] => {
  const numbers: number[] = [];
  for (let at = 0; at < bits.length; at++)
    for (let word = bits[at]!; word !== 0; word &= word - 1) numbers.push(at * 32 + 31 - Math.clz32(word & -word));
  return numbers;
};
