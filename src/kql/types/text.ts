import { compileGlob } from "../../glob.ts";
import { type Comparison, Unfit, type ValueTest } from "./comparison.ts";
import { never } from "./never.ts";
import { splitAtSpaces } from "./split-at-spaces.ts";
import { hasSeparator, wordsOf } from "./words.ts";

const noWords = () => never("there are no words in it", "Write a word to search for.");

/** Full text: a word in common, or, for a quoted text, its words in sequence within one value. */
export const text: Comparison = {
  exists: () => true,
  equal(query, quoted) {
    const wanted = wordsOf(query);
    if (wanted.length === 0) return noWords();
    if (quoted) return sequenceTest(wanted);
    const words = new Set(wanted);
    return (value) => wordsOf(String(value)).some((word) => words.has(word));
  },
  pattern(parts) {
    const pieces = splitAtSpaces(parts.map((part) => part.toLowerCase()));
    if (pieces.every(isInNoWord))
      return never(
        "a pattern is tested against single words, and words end at such characters",
        'Quote a text to find its words in sequence, or give the field the type keyword in "fields".',
      );
    const tests = pieces.map(pieceTest);
    return (value) => {
      const words = wordsOf(String(value));
      return tests.some((matches) => matches(words));
    };
  },
  range() {
    throw new Unfit("words in a text have no order", "Compare a keyword field instead.");
  },
};

const isInNoWord = (parts: readonly string[]): boolean =>
  parts.length === 1 ? wordsOf(parts[0]!).length === 0 : parts.some(hasSeparator);

/** A piece with a star is tested against each word; one without is a text to search for. */
const pieceTest = (parts: readonly string[]): ((words: readonly string[]) => boolean) => {
  const wanted = new Set(parts.length === 1 ? wordsOf(parts[0]!) : []);
  const matches = parts.length === 1 ? (word: string) => wanted.has(word) : compileGlob(parts);
  return (words) => words.some(matches);
};

/** A line break is part of no word, so that the words of a sequence can be found as one text. */
const sequenceTest = (wanted: readonly string[]): ValueTest => {
  const inLines = (words: readonly string[]) => `\n${words.join("\n")}\n`;
  const contains = compileGlob(["", inLines(wanted), ""]);
  return (value) => contains(inLines(wordsOf(String(value))));
};
