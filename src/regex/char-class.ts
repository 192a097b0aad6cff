import { type CharSet, foldedCase, intersection, negated, none, posixSet, setOf, union } from "./char-set.ts";
import type { Cursor } from "./cursor.ts";
import { readEscapedChar, readEscapedSet } from "./escape.ts";

/** Reads a class such as `[^a-z&&[:alpha:]]`, behind its `[`, which is at `start`. */
export const readClass = (cursor: Cursor, start: number, ignoreCase: boolean): CharSet =>
  cursor.within("classes", start, () => {
    const not = cursor.takes("^");
    let [set, left]: [CharSet, CharSet | undefined] = [none, undefined];
    const narrowed = () => (left ? intersection(left, set) : set);
    for (let isFirst = true; isFirst || !cursor.takes("]"); isFirst = false) {
      if (cursor.isAtEnd) throw cursor.error("this `[` has no `]`; write `\\[` for the character", start);
      if (cursor.takes("&&")) [left, set] = [narrowed(), none];
      else set = union(set, readMember(cursor, ignoreCase));
    }
    // The other case belongs to a class before it is negated.
    const whole = ignoreCase ? foldedCase(narrowed()) : narrowed();
    return not ? negated(whole) : whole;
  });

const readMember = (cursor: Cursor, ignoreCase: boolean): CharSet => {
  const start = cursor.at;
  const posix = cursor.match(/\[:(\^?)([a-z]+):\]/y);
  if (posix) {
    const set = posixSet(posix[2]!);
    if (!set) throw cursor.error(`"${posix[0]}" is no class of characters`, start);
    return posix[1] ? negated(set) : set;
  }
  if (cursor.takes("[")) return readClass(cursor, start, ignoreCase);
  const first = readUnit(cursor);
  if (typeof first !== "number") return first;
  if (!/^-[^\]]/.test(cursor.source.slice(cursor.at, cursor.at + 2))) return [[first, first]];
  const dash = cursor.at++;
  const end = cursor.source[cursor.at] === "[" ? none : readUnit(cursor);
  if (typeof end !== "number") {
    // As in JavaScript, the dash is a character beside a class.
    cursor.at = dash + 1;
    return setOf([
      [first, first],
      [0x2d, 0x2d],
    ]);
  }
  if (end < first) throw cursor.error(`the range "${cursor.source.slice(start, cursor.at)}" runs backwards`, start);
  return [[first, end]];
};

/** Reads a single unit, or the set that an escape stands for. */
const readUnit = (cursor: Cursor): number | CharSet => {
  const start = cursor.at;
  let char: string;
  if (cursor.takes("\\")) {
    if (cursor.isAtEnd) throw cursor.error("the pattern ends with a `\\`", start);
    const set = readEscapedSet(cursor, start);
    if (set) return set;
    char = cursor.takes("b") ? "\b" : readEscapedChar(cursor, start);
  } else char = cursor.next();
  if (char.length > 1)
    throw cursor.error(`"${char}" cannot be in a class; write it as an alternative: (?:…|${char})`, start);
  return char.charCodeAt(0);
};
