import { LRUCache } from "lru-cache";
import { LinearRegex, RegexError } from "../../regex/index.ts";
import { shortened } from "../../text.ts";
import { CelError } from "../cel-error.ts";
import type { Signatures } from "./signatures.ts";

/** Patterns in an expression are few; those that come from events are compiled again and again. */
const regexes = new LRUCache<string, LinearRegex>({ max: 100 });
/** How much one of them may learn, in bytes: all of them may come from events. */
const memory = 1024 * 1024;

const matches = (text: string, pattern: string): boolean => {
  let regex = regexes.get(pattern);
  if (!regex) {
    try {
      regex = new LinearRegex(pattern, { memory });
    } catch (error) {
      if (!(error instanceof RegexError)) throw error;
      throw new CelError(`"${shortened(pattern, 80)}" is not a regular expression: ${error.message}`);
    }
    regexes.set(pattern, regex);
  }
  return regex.test(text);
};

/** JavaScript compares a text in the worst case at each place of the other, character by character. */
const mostComparisons = 2 ** 28;

const searchable = (text: string, wanted: string): void => {
  if (wanted.length > 256 && text.length * wanted.length > mostComparisons)
    throw new CelError(`a text of ${wanted.length} characters takes too long to find in one of ${text.length}`);
};

const indexIn = (text: string, index: bigint): number => {
  if (index < 0n || index > text.length)
    throw new CelError(`the index ${index} is outside a text of ${text.length} characters`);
  return Number(index);
};

const split = (text: string, separator: string, most = -1n): string[] => {
  searchable(text, separator);
  if (most === 0n) return [];
  const parts = text.split(separator);
  if (most < 0n || parts.length <= Number(most)) return parts;
  const first = Number(most) - 1;
  return [...parts.slice(0, first), parts.slice(first).join(separator)];
};

const replace = (text: string, wanted: string, by: string, most = -1n): string => {
  searchable(text, wanted);
  if (most < 0n) return text.split(wanted).join(by);
  return split(text, wanted, most + 1n).join(by);
};

const ascii = (text: string, from: RegExp, change: (part: string) => string): string => text.replace(from, change);

export const textFunctions: Signatures = {
  "matches(string, string): bool": matches,
  "string.matches(string): bool": matches,
  "string.contains(string): bool": (text: string, wanted: string) => {
    searchable(text, wanted);
    return text.includes(wanted);
  },
  "string.indexOf(string): int": (text: string, wanted: string) => {
    searchable(text, wanted);
    return BigInt(text.indexOf(wanted));
  },
  "string.indexOf(string, int): int": (text: string, wanted: string, from: bigint) => {
    searchable(text, wanted);
    return BigInt(text.indexOf(wanted, indexIn(text, from)));
  },
  "string.lastIndexOf(string): int": (text: string, wanted: string) => {
    searchable(text, wanted);
    return BigInt(text.lastIndexOf(wanted));
  },
  "string.lastIndexOf(string, int): int": (text: string, wanted: string, from: bigint) => {
    searchable(text, wanted);
    return BigInt(text.lastIndexOf(wanted, indexIn(text, from)));
  },
  "string.split(string): list<string>": split,
  "string.split(string, int): list<string>": split,
  "string.replace(string, string): string": replace,
  "string.replace(string, string, int): string": replace,
  "string.charAt(int): string": (text: string, index: bigint) => text.charAt(indexIn(text, index)),
  "string.lowerAscii(): string": (text: string) => ascii(text, /[A-Z]+/g, (part) => part.toLowerCase()),
  "string.upperAscii(): string": (text: string) => ascii(text, /[a-z]+/g, (part) => part.toUpperCase()),
  "string.trim(): string": (text: string) => {
    // White space as Unicode has it: JavaScript leaves U+0085, and takes U+FEFF.
    const isSpace = (at: number) => text[at] !== "\ufeff" && (text[at] === "\u0085" || text[at]!.trim() === "");
    let [start, end] = [0, text.length];
    while (start < end && isSpace(start)) start++;
    while (end > start && isSpace(end - 1)) end--;
    return text.slice(start, end);
  },
};
