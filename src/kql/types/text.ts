import { type Comparison, Unfit } from "./comparison.ts";
import { compileGlob, splitAtSpaces } from "./glob.ts";

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
    if (quoted) return (value) => hasSequence(tokensOf(String(value)), wanted);
    return (value) => tokensOf(String(value)).some((token) => wanted.includes(token));
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
  const wanted = parts.length === 1 ? tokensOf(parts[0]!) : [];
  const matches = parts.length === 1 ? (token: string) => wanted.includes(token) : compileGlob(parts);
  return (tokens) => tokens.some(matches);
};

const hasSequence = (tokens: readonly string[], wanted: readonly string[]): boolean =>
  wanted.length > 0 && tokens.some((_, start) => wanted.every((token, i) => tokens[start + i] === token));
