import { compileGlob, finderOf } from "../glob.ts";
import { type ListedGlob, listedGlob } from "../glob-list.ts";
import { LinearRegex } from "../regex/linear-regex.ts";

type TextTest = (text: string) => boolean;

/** A test of whole texts: `*` stands for any text, and `?` for one character. */
export const compileWildcard = (pattern: string): TextTest => {
  const parts = pattern.split("*");
  if (!pattern.includes("?")) return compileGlob(parts);
  const slowly = later(() => regexOf(pattern));
  const [first, last] = [parts[0]!, parts.length > 1 ? parts.at(-1)! : ""];
  const middle = parts.slice(1, -1).filter((part) => part !== "");
  const isGapped = middle.some((part) => part.includes("?"));
  if (middle.some((part) => part.includes("?") && part.length > longestGapped)) return (text) => slowly()(text);
  const finds = middle.map((part) => (part.includes("?") ? gappedFinderOf(part) : finderOf(part)));
  return (text) => {
    const [start, end] = [first.length, text.length - last.length];
    // A character of two units moves the rest, so the units are compared one by one only where there is none.
    if (hasSurrogate(text, 0, start) || hasSurrogate(text, end, text.length)) return slowly()(text);
    if (!fitsAt(text, first, 0) || end < start || !fitsAt(text, last, end)) return false;
    if (parts.length === 1) return end === start;
    if (isGapped && hasSurrogate(text, start, end)) return slowly()(text);
    let at = start;
    for (const [index, find] of finds.entries()) {
      const found = find(text, at);
      if (found < 0) return false;
      at = found + middle[index]!.length;
    }
    return at <= end;
  };
};

/** How many units a part with `?` has at most to be found by its states: one bit for each. */
const longestGapped = 32;

/**
 * Finds a part with `?` from a position on in a text without characters of two units. From where its longest piece is first,
 * one bit for each unit of the part says whether the text up to here ends like the part up to there.
 */
const gappedFinderOf = (part: string): ((text: string, from: number) => number) => {
  const piece = part.split("?").reduce((longest, each) => (each.length > longest.length ? each : longest));
  if (piece === "") return (text, from) => (from + part.length <= text.length ? from : -1);
  const offset = part.indexOf(piece);
  const stepOf = stepsOf(part);
  const whole = 1 << (part.length - 1);
  return (text, from) => {
    const first = text.indexOf(piece, from + offset);
    if (first < 0) return -1;
    let ends = 0;
    for (let at = first - offset; at < text.length; at++) {
      ends = ((ends << 1) | 1) & stepOf(text.charCodeAt(at));
      if ((ends & whole) !== 0) return at - part.length + 1;
    }
    return -1;
  };
};

/** For a unit, the bits of the places in a part where it may be. */
const stepsOf = (part: string): ((unit: number) => number) => {
  let anywhere = 0;
  for (let at = 0; at < part.length; at++) if (part.charCodeAt(at) === ANY) anywhere |= 1 << at;
  const ofAscii = new Int32Array(128).fill(anywhere);
  const others = new Map<number, number>();
  for (let at = 0; at < part.length; at++) {
    const unit = part.charCodeAt(at);
    if (unit < 128) ofAscii[unit]! |= 1 << at;
    else others.set(unit, (others.get(unit) ?? anywhere) | (1 << at));
  }
  return (unit) => (unit < 128 ? ofAscii[unit]! : (others.get(unit) ?? anywhere));
};

/** The same pattern, for a list of many. */
export const listedWildcard = (pattern: string): ListedGlob => {
  const parts = pattern.split("*");
  if (!pattern.includes("?")) return listedGlob(parts);
  const [first, last] = [parts[0]!, parts.length > 1 ? parts.at(-1)! : ""];
  const between = parts.slice(1, -1);
  return {
    edges: (text) => {
      if (hasSurrogate(text, 0, first.length) || hasSurrogate(text, text.length - last.length, text.length))
        return undefined;
      return fitsAt(text, first, 0) && fitsAt(text, last, text.length - last.length);
    },
    start: first.length,
    end: last.length,
    middle: between.flatMap((part) => part.split("?")).filter((part) => part !== ""),
    whole: compileWildcard(pattern),
    isExact: !between.some((part) => part.includes("?")),
  };
};

/** Whether a character of two units, or a half of one, is in a part of a text. */
const hasSurrogate = (text: string, start: number, end: number): boolean => {
  for (let at = Math.max(0, start); at < end && at < text.length; at++)
    if ((text.charCodeAt(at) & SURROGATE_MASK) === SURROGATES) return true;
  return false;
};

const SURROGATES = 0xd800;
const SURROGATE_MASK = 0xf800;

const fitsAt = (text: string, part: string, at: number): boolean => {
  if (at < 0 || at + part.length > text.length) return false;
  for (let index = 0; index < part.length; index++) {
    const wanted = part.charCodeAt(index);
    if (wanted !== ANY && wanted !== text.charCodeAt(at + index)) return false;
  }
  return true;
};

const ANY = "?".charCodeAt(0);

/** One character, which may take two UTF-16 units. */
const ONE = "(?:[\\ud800-\\udbff][\\udc00-\\udfff]|[^\\ud800-\\udfff])";

const regexOf = (pattern: string): TextTest => {
  const source = pattern.replace(/[*?]|[\\^$.+()[\]{}|/]/g, (mark) =>
    mark === "*" ? ".*" : mark === "?" ? ONE : `\\${mark}`,
  );
  const regex = new LinearRegex(`^(?:${source})$`, { dotAll: true });
  return (text) => regex.test(text);
};

const later = <Made>(make: () => Made): (() => Made) => {
  let made: Made | undefined;
  return () => {
    made ??= make();
    return made;
  };
};
