/** Ranges of UTF-16 units, sorted, with gaps between them: first and last unit of each. */
export type CharSet = readonly (readonly [first: number, last: number])[];

const last = 0xffff;
export const all: CharSet = [[0, last]];
export const none: CharSet = [];

/** The set of all units in the ranges, which may overlap and come in any order. */
export const setOf = (ranges: CharSet): CharSet => {
  if (ranges.length < 2) return ranges;
  const sorted = ranges.toSorted(([a], [b]) => a - b);
  const merged: [number, number][] = [];
  for (const [from, to] of sorted) {
    const before = merged.at(-1);
    if (before && from <= before[1] + 1) before[1] = Math.max(before[1], to);
    else merged.push([from, to]);
  }
  return merged;
};

export const charsOf = (text: string): CharSet =>
  setOf(Array.from({ length: text.length }, (_, at) => [text.charCodeAt(at), text.charCodeAt(at)] as const));

export const union = (...sets: readonly CharSet[]): CharSet => setOf(sets.flat());

export const negated = (set: CharSet): CharSet => {
  const gaps: [number, number][] = [];
  let from = 0;
  for (const [first, end] of set) {
    if (first > from) gaps.push([from, first - 1]);
    from = end + 1;
  }
  if (from <= last) gaps.push([from, last]);
  return gaps;
};

export const intersection = (a: CharSet, b: CharSet): CharSet => negated(union(negated(a), negated(b)));

export const has = (set: CharSet, unit: number): boolean => set.some(([from, to]) => unit >= from && unit <= to);

/** The set with the other case of each letter. */
export const foldedCase = (set: CharSet): CharSet => {
  const variants: [number, number][] = [];
  const add = (unit: number): void => {
    for (const other of variantsOf(unit)) variants.push([other, other]);
  };
  for (const [from, to] of set) {
    if (to - from < 1000) for (let unit = from; unit <= to; unit++) add(unit);
    else for (const unit of casedUnits()) if (unit >= from && unit <= to) add(unit);
  }
  return union(set, variants);
};

/** The units that have another case. */
const casedUnits = (): readonly number[] => {
  cases ??= caseTable();
  cased ??= [...cases.values()].flat();
  return cased;
};
let cased: readonly number[] | undefined;

/** The other units that are equal without regard to case, as JavaScript has it: by the upper case of one unit. */
const variantsOf = (unit: number): readonly number[] => {
  cases ??= caseTable();
  return cases.get(upperOf(unit)) ?? [];
};

let cases: ReadonlyMap<number, readonly number[]> | undefined;

const caseTable = (): Map<number, number[]> => {
  const table = new Map<number, number[]>();
  for (let unit = 0; unit <= last; unit++) {
    const upper = upperOf(unit);
    const group = table.get(upper);
    if (group) group.push(unit);
    else table.set(upper, [unit]);
  }
  for (const [upper, group] of table) if (group.length === 1) table.delete(upper);
  return table;
};

const upperOf = (unit: number): number => {
  const upper = String.fromCharCode(unit).toUpperCase();
  if (upper.length !== 1) return unit;
  const code = upper.charCodeAt(0);
  // A letter beyond ASCII is never equal to one of ASCII.
  return unit >= 128 && code < 128 ? unit : code;
};

const digit: CharSet = [[0x30, 0x39]];
const space = charsOf(
  "\t\n\v\f\r \u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000\ufeff",
);
const upper: CharSet = [[0x41, 0x5a]];
const lower: CharSet = [[0x61, 0x7a]];
const hexDigit = union(digit, [[0x41, 0x46]], [[0x61, 0x66]]);
export const wordChars = union(digit, upper, lower, charsOf("_"));
export const lineEnds = charsOf("\n\r\u2028\u2029");

/** What `\d` and the like stand for; a capital letter is the rest. `\h` is a hexadecimal digit, as in grok's engine. */
export const escapedSet = (letter: string): CharSet | undefined => {
  const set = ({ d: digit, s: space, w: wordChars, h: hexDigit } as const)[letter.toLowerCase()];
  return set && letter !== letter.toLowerCase() ? negated(set) : set;
};

/** What `[:alpha:]` and the like stand for, in ASCII. */
export const posixSet = (name: string): CharSet | undefined =>
  Object.hasOwn(posix, name) ? posix[name as keyof typeof posix] : undefined;

const posix = {
  alnum: union(digit, upper, lower),
  alpha: union(upper, lower),
  ascii: [[0, 0x7f]],
  blank: charsOf(" \t"),
  cntrl: union([[0, 0x1f]], [[0x7f, 0x7f]]),
  digit,
  graph: [[0x21, 0x7e]],
  lower,
  print: [[0x20, 0x7e]],
  punct: union([[0x21, 0x2f]], [[0x3a, 0x40]], [[0x5b, 0x60]], [[0x7b, 0x7e]]),
  space: charsOf("\t\n\v\f\r "),
  upper,
  word: wordChars,
  xdigit: hexDigit,
} as const satisfies Record<string, CharSet>;

const properties = new Map<string, CharSet>();

/** What `\p{…}` stands for within the Basic Multilingual Plane; undefined if there is no such property. */
export const propertySet = (name: string): CharSet | undefined => {
  const known = properties.get(name);
  if (known) return known;
  let pattern: RegExp;
  try {
    pattern = new RegExp(`^\\p{${name}}$`, "u");
  } catch {
    return undefined;
  }
  const ranges: [number, number][] = [];
  for (let unit = 0; unit <= last; unit++)
    if (pattern.test(String.fromCharCode(unit))) {
      const before = ranges.at(-1);
      if (before && before[1] === unit - 1) before[1] = unit;
      else ranges.push([unit, unit]);
    }
  properties.set(name, ranges);
  return ranges;
};
