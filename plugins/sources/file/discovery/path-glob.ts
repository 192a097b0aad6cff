import { resolve } from "node:path";
import { escapePath } from "tinyglobby";
import { expandBraces, GlobError, type Part, partsOf } from "./glob-parts.ts";

/** What one directory or file name must be; `**` stands for any number of directories. */
type Name = "**" | { readonly parts: readonly Part[]; readonly literal: string | undefined };

const nameOf = (text: string): Name => {
  if (text === "**") return text;
  const parts = partsOf(text);
  const chars = parts.flatMap((part) => (part.is === "char" ? [part.char] : []));
  return { parts, literal: chars.length === parts.length ? chars.join("") : undefined };
};

/**
 * A glob of paths: `*` and `?` within a name, `**` for any number of directories, `[a-z]` and `[!a-z]`, and `{a,b}`. A
 * backslash makes the next character stand for itself. Names may begin with a dot. A match takes at most the time of
 * comparing each name with each character of the glob: names of files come from strangers, and a regular expression with
 * several stars can take hours for one of them.
 */
export class PathGlob {
  readonly #patterns: readonly (readonly Name[])[];
  /**
   * Patterns for a search with regular expressions, which match all that the glob matches, and maybe more: of several
   * stars in a name, and of several `**`, one is left.
   */
  readonly wider: readonly string[];
  /** Patterns for the same search, which match nothing else than the glob does, and maybe less. */
  readonly narrower: readonly string[];

  /** Throws a `GlobError`. */
  constructor(pattern: string) {
    if (pattern.startsWith("!"))
      throw new GlobError("a glob cannot exclude with `!`", `List "${pattern.slice(1)}" under exclude.`);
    this.#patterns = expandBraces(resolve(pattern)).map((path) => {
      // At the end, `**` stands for the files in all directories.
      const names = path.replace(/\/\*\*$/, "/**/*").split("/");
      return names.map(nameOf);
    });
    const wider = this.#patterns.map((pattern) => textOf(widen(pattern)));
    this.wider = [...new Set(wider)];
    this.narrower = this.#patterns.map(textOf).filter((text, index) => text === wider[index]);
  }

  /** The patterns of the search match exactly what the glob does. */
  get isSearchable(): boolean {
    return this.narrower.length === this.#patterns.length;
  }

  matches(path: string): boolean {
    const names = path.split("/");
    return this.#patterns.some((pattern) => matchList(pattern, names, isGlobstar, matchName));
  }

  /** Whether the glob matches the path or a directory above it. */
  covers(path: string): boolean {
    const names = path.split("/");
    return this.#patterns.some((pattern) => matchList([...pattern, "**"], names, isGlobstar, matchName));
  }
}

const isGlobstar = (name: Name): boolean => name === "**";

const isStar = ({ is }: Part): boolean => is === "star";

const matchName = (name: Name, text: string): boolean => {
  if (name === "**") return false;
  return name.literal === undefined ? matchList(name.parts, text, isStar, matchChar) : name.literal === text;
};

const matchChar = (part: Part, char: string): boolean => {
  if (part.is === "char") return part.char === char;
  return part.is === "class" ? part.has(char) : true;
};

/**
 * Whether the items match the pattern, in which what `isAny` holds for stands for any number of items. Only the last such
 * place is tried again with one more item: what the earlier ones left is the most that they can leave.
 */
const matchList = <P, T>(
  pattern: readonly P[],
  items: ArrayLike<T>,
  isAny: (part: P) => boolean,
  matches: (part: P, item: T) => boolean,
): boolean => {
  let at = 0;
  let retry: { readonly at: number; item: number } | undefined;
  for (let item = 0; item < items.length; ) {
    if (at < pattern.length && isAny(pattern[at]!)) retry = { at: ++at, item };
    else if (at < pattern.length && matches(pattern[at]!, items[item]!)) {
      at++;
      item++;
    } else if (retry) {
      at = retry.at;
      item = ++retry.item;
    } else return false;
  }
  while (at < pattern.length && isAny(pattern[at]!)) at++;
  return at === pattern.length;
};

const widen = (pattern: readonly Name[]): readonly Name[] => {
  const first = pattern.indexOf("**");
  const isSingle = first < 0 || pattern.lastIndexOf("**") === first;
  const names = isSingle ? pattern : pattern.slice(0, first + 1);
  return names.map((name) => (name !== "**" && name.parts.filter(isStar).length > 1 ? nameOf("*") : name));
};

const textOf = (pattern: readonly Name[]): string =>
  pattern.map((name) => (name === "**" ? name : name.parts.map(partText).join(""))).join("/");

const partText = (part: Part): string => {
  if (part.is === "char") return escapePath(part.char);
  if (part.is === "class") return part.text;
  return part.is === "star" ? "*" : "?";
};
