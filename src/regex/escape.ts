import { type CharSet, escapedSet, negated, posixSet, propertySet } from "./char-set.ts";
import type { Cursor } from "./cursor.ts";

const controls: Readonly<Record<string, string>> = {
  t: "\t",
  n: "\n",
  r: "\r",
  f: "\f",
  v: "\v",
  a: "\x07",
  e: "\x1b",
  0: "\0",
};

/** Reads, behind a `\`, what stands for a set of characters, such as `d`; undefined if it is something else. */
export const readEscapedSet = (cursor: Cursor, start: number): CharSet | undefined => {
  const property = cursor.match(/([pP])(?:\{(\^?)([A-Za-z_=0-9]+)\}|([A-Z]))/y);
  if (property) {
    const [, sign, not, name = property[4]!] = property;
    const set = propertySet(name) ?? posixSet(name.toLowerCase());
    if (!set) throw cursor.error(`"${name}" is no property of characters`, start);
    return (sign === "P") !== (not === "^") ? negated(set) : set;
  }
  const set = escapedSet(cursor.source[cursor.at]!);
  if (set) cursor.at++;
  return set;
};

/** Reads, behind a `\`, what stands for one character. */
export const readEscapedChar = (cursor: Cursor, start: number): string => {
  const code = cursor.match(/x\{([0-9a-fA-F]{1,6})\}|u\{([0-9a-fA-F]{1,6})\}|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})/y);
  if (code) {
    const point = Number.parseInt(code.slice(1).find((digits) => digits !== undefined)!, 16);
    if (point > 0x10ffff) throw cursor.error(`"\\${code[0]}" is no character`, start);
    return String.fromCodePoint(point);
  }
  const control = cursor.match(/c([A-Za-z])/y);
  if (control) return String.fromCharCode(control[1]!.charCodeAt(0) % 32);
  const char = cursor.next();
  if (Object.hasOwn(controls, char)) return controls[char]!;
  if (/[A-Za-z0-9]/.test(char)) throw cursor.error(`"\\${char}" is no escape that weir knows`, start);
  return char;
};
