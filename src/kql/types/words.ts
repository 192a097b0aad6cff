let segmenter: Intl.Segmenter | undefined;

/** Made when it is first needed: it takes 10 ms, and most texts are ASCII. */
const segmentsOf = (text: string): Intl.Segments => {
  segmenter ??= new Intl.Segmenter("en", { granularity: "word" });
  return segmenter.segment(text);
};

/** Longer words are cut into pieces of this length, in UTF-16 units. */
const longest = 255;

const isAscii = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 127) return false;
  return true;
};

/** The words of a text in lower case, split by Unicode's rules (UAX #29) as Elasticsearch's standard analyser does. */
export const wordsOf = (text: string): readonly string[] => {
  const words = isAscii(text) ? asciiWords(text.toLowerCase()) : unicodeWords(text);
  return words.some((word) => word.length > longest) ? words.flatMap(cut) : words;
};

const cut = (word: string): readonly string[] =>
  Array.from({ length: Math.ceil(word.length / longest) }, (_none, i) => word.slice(i * longest, (i + 1) * longest));

const underscores = /^_+$/;

/** The words of any text. Underscores alone are none. */
export const unicodeWords = (text: string): readonly string[] => {
  const words: string[] = [];
  for (const { segment, isWordLike } of segmentsOf(text))
    if (isWordLike && !underscores.test(segment)) words.push(segment.toLowerCase());
  return words;
};

/** What an ASCII character does in a word. */
const kinds = { other: 0, letter: 1, digit: 2, underscore: 3, amongLetters: 4, amongDigits: 5, amongBoth: 6 } as const;

const kindOfCode = new Uint8Array(128);
const mark = (characters: string, kind: number) => {
  for (const character of characters) kindOfCode[character.charCodeAt(0)] = kind;
};
mark("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", kinds.letter);
mark("0123456789", kinds.digit);
mark("_", kinds.underscore);
mark(":", kinds.amongLetters);
mark(",;", kinds.amongDigits);
mark(".'", kinds.amongBoth);

const kindAt = (text: string, at: number): number =>
  at < text.length ? kindOfCode[text.charCodeAt(at)]! : kinds.other;

const isInWord = (kind: number) => kind >= kinds.letter && kind <= kinds.underscore;

/** The words of a text of ASCII characters: many times faster than `unicodeWords`, of which the words are the same. */
const asciiWords = (text: string): readonly string[] => {
  const words: string[] = [];
  let at = 0;
  while (at < text.length) {
    let kind = kindAt(text, at);
    if (!isInWord(kind)) {
      at++;
      continue;
    }
    const start = at;
    let isWord = false;
    do {
      isWord ||= kind !== kinds.underscore;
      at += joins(kind, text, at + 1) ? 2 : 1;
      kind = kindAt(text, at);
    } while (isInWord(kind));
    if (isWord) words.push(text.slice(start, at));
  }
  return words;
};

/** Whether the character at a place holds the one before it and the one after it together, as the dot in `a.b` does. */
const joins = (before: number, text: string, at: number): boolean => {
  const kind = kindAt(text, at);
  if (kind < kinds.amongLetters || kindAt(text, at + 1) !== before) return false;
  return before === kinds.letter ? kind !== kinds.amongDigits : before === kinds.digit && kind !== kinds.amongLetters;
};

/** Whether a text has a character that no word has, wherever it is. */
export const hasSeparator = (text: string): boolean => {
  for (let i = 0; i < text.length; i++) if (kindOfCode[text.charCodeAt(i)] === kinds.other) return true;
  return false;
};

const SCRIPT_WORD = /[A-Za-z0-9_-]+/g;

/** The words of a script in lower case. */
export const scriptWordsOf = (text: string): readonly string[] =>
  (text.match(SCRIPT_WORD) ?? []).map((word) => word.toLowerCase());

/** Whether a text has a character that no word of a script has. */
export const hasScriptSeparator = (text: string): boolean => /[^A-Za-z0-9_-]/.test(text);
