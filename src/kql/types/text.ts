import { compileGlob } from "../../glob.ts";
import { type Comparison, Unfit, type ValueTest } from "./comparison.ts";
import { splitAtSpaces } from "./split-at-spaces.ts";

const words = new Intl.Segmenter("en", { granularity: "word" });

/** The words of a text in lower case, split by Unicode's rules (UAX #29) as Elasticsearch's standard analyser does. */
const tokensOf = (text: string): readonly string[] =>
  Array.from(words.segment(text))
    .filter((segment) => segment.isWordLike)
    .map((segment) => segment.segment.toLowerCase());

/** Full text: a word in common, or, for a quoted text, its words in sequence within one value. */
export const text: Comparison = {
  exists: () => true,
  equal(query, quoted) {
    const wanted = tokensOf(query);
    if (quoted) return sequenceTest(wanted);
    const words = new Set(wanted);
    return (value) => tokensOf(String(value)).some((token) => words.has(token));
  },
  pattern(parts) {
    const pieces = splitAtSpaces(parts.map((part) => part.toLowerCase())).map(pieceTest);
    return (value) => {
      const tokens = tokensOf(String(value));
      return pieces.some((matches) => matches(tokens));
    };
  },
  range() {
    throw new Unfit("words in a text have no order", "Compare a keyword field instead.");
  },
};

/** A piece with a star is tested against each word; one without is a text to search for. */
const pieceTest = (parts: readonly string[]): ((tokens: readonly string[]) => boolean) => {
  const wanted = new Set(parts.length === 1 ? tokensOf(parts[0]!) : []);
  const matches = parts.length === 1 ? (token: string) => wanted.has(token) : compileGlob(parts);
  return (tokens) => tokens.some(matches);
};

/** A line break is part of no word, so that the words of a sequence can be found as one text. */
const sequenceTest = (wanted: readonly string[]): ValueTest => {
  const inLines = (tokens: readonly string[]) => `\n${tokens.join("\n")}\n`;
  const contains = compileGlob(["", inLines(wanted), ""]);
  return (value) => wanted.length > 0 && contains(inLines(tokensOf(String(value))));
};
