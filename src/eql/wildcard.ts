import { compileGlob } from "../glob.ts";
import { type ListedGlob, listedGlob } from "../glob-list.ts";
import { LinearRegex } from "../regex/linear-regex.ts";

type TextTest = (text: string) => boolean;

const SURROGATE = /[\ud800-\udfff]/;

/** A test of whole texts: `*` stands for any text, and `?` for one character. */
export const compileWildcard = (pattern: string): TextTest => {
  const parts = pattern.split("*");
  if (!pattern.includes("?")) return compileGlob(parts);
  const slowly = later(() => regexOf(pattern));
  if (parts.slice(1, -1).some((part) => part.includes("?"))) return (text) => slowly()(text);
  const first = parts[0]!;
  const last = parts.length > 1 ? parts.at(-1)! : "";
  const middle = compileGlob(parts.length > 1 ? ["", ...parts.slice(1, -1), ""] : [""]);
  return (text) => {
    // A character of two units moves the rest, so the units are compared one by one only where there is none.
    if (hasSurrogate(text, 0, first.length) || hasSurrogate(text, text.length - last.length, text.length))
      return slowly()(text);
    const end = text.length - last.length;
    return (
      fitsAt(text, first, 0) && end >= first.length && fitsAt(text, last, end) && middle(text.slice(first.length, end))
    );
  };
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

const hasSurrogate = (text: string, start: number, end: number): boolean =>
  SURROGATE.test(text.slice(Math.max(0, start), end));

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
