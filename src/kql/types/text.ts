import { compileGlob } from "../../glob.ts";
import { type Comparison, Unfit, type ValueTest } from "./comparison.ts";
import { never } from "./never.ts";
import { splitAtSpaces } from "./split-at-spaces.ts";
import { hasScriptSeparator, hasSeparator, scriptWordsOf, wordsOf } from "./words.ts";

const noWords = () => never("there are no words in it", "Write a word to search for.");

/** How a text is split into words. */
interface Analysis {
  readonly wordsOf: (text: string) => readonly string[];
  /** Whether a text has a character that no word has, wherever it is. */
  readonly hasSeparator: (text: string) => boolean;
}

/** Full text: a word in common, or, for a quoted text, its words in sequence within one value. */
const fullText = ({ wordsOf, hasSeparator }: Analysis): Comparison => {
  const wordsIn = remembered(wordsOf);
  const linesIn = remembered((text) => inLines(wordsOf(text)));
  return {
    exists: () => true,
    equal(query, quoted) {
      const wanted = wordsOf(query);
      if (wanted.length === 0) return noWords();
      if (quoted) return sequenceTest(wanted, linesIn);
      const words = new Set(wanted);
      return (value) => wordsIn(String(value)).some((word) => words.has(word));
    },
    pattern(parts) {
      const pieces = splitAtSpaces(parts.map((part) => part.toLowerCase()));
      const isInNoWord = (piece: readonly string[]): boolean =>
        piece.length === 1 ? wordsOf(piece[0]!).length === 0 : piece.some(hasSeparator);
      if (pieces.every(isInNoWord))
        return never(
          "a pattern is tested against single words, and words end at such characters",
          'Quote a text to find its words in sequence, or give the field the type keyword in "fields".',
        );
      const tests = pieces.map((piece) => pieceTest(piece, wordsOf));
      return (value) => {
        const words = wordsIn(String(value));
        return tests.some((matches) => matches(words));
      };
    },
    range() {
      throw new Unfit("words in a text have no order", "Compare a keyword field instead.");
    },
  };
};

/** The same function, which remembers its last result: many conditions look at one text. */
const remembered = <Made>(make: (text: string) => Made): ((text: string) => Made) => {
  let last: { readonly text: string; readonly made: Made } | undefined;
  return (text) => {
    if (last?.text !== text) last = { text, made: make(text) };
    return last.made;
  };
};

/** Full text as Elasticsearch's standard analyser splits it. */
export const text = fullText({ wordsOf, hasSeparator });

/** The text of a script: a name such as `Get-Item` is one word, and a dot ends a word. */
export const scriptText = fullText({ wordsOf: scriptWordsOf, hasSeparator: hasScriptSeparator });

type Words = Analysis["wordsOf"];

/** A piece with a star is tested against each word; one without is a text to search for. */
const pieceTest = (parts: readonly string[], wordsOf: Words): ((words: readonly string[]) => boolean) => {
  const wanted = new Set(parts.length === 1 ? wordsOf(parts[0]!) : []);
  const matches = parts.length === 1 ? (word: string) => wanted.has(word) : compileGlob(parts);
  return (words) => words.some(matches);
};

/** A line break is part of no word, so that the words of a sequence can be found as one text. */
const inLines = (words: readonly string[]) => `\n${words.join("\n")}\n`;

const sequenceTest = (wanted: readonly string[], linesIn: (text: string) => string): ValueTest => {
  const contains = compileGlob(["", inLines(wanted), ""]);
  return (value) => contains(linesIn(String(value)));
};
