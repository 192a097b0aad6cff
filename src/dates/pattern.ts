/** Why a format cannot be used. */
export class DateFormatError extends Error {
  /** Where in the format, in UTF-16 units. */
  readonly offset: number | undefined;

  constructor(message: string, offset?: number) {
    super(message);
    this.offset = offset;
  }
}

/** A part of a pattern, and where it begins: a letter and how often it is there, a text, or the start or end of what is optional. */
export type PatternPart =
  | LetterPart
  | { readonly at: number; readonly literal: string }
  | { readonly at: number; readonly bracket: "[" | "]" };

export interface LetterPart {
  readonly at: number;
  readonly letter: string;
  readonly count: number;
}

/** The parts of a pattern of Java's DateTimeFormatter. Throws a `DateFormatError`. */
export const partsOf = (pattern: string): readonly PatternPart[] => {
  const parts: PatternPart[] = [];
  for (let at = 0; at < pattern.length; ) {
    const char = pattern[at]!;
    let end = at + 1;
    if (char === "'") {
      const close = closingQuote(pattern, at);
      parts.push({ at, literal: close === at + 1 ? "'" : pattern.slice(at + 1, close).replaceAll("''", "'") });
      end = close + 1;
    } else if (char === "[" || char === "]") parts.push({ at, bracket: char });
    else if (/[A-Za-z]/.test(char)) {
      while (pattern[end] === char) end++;
      parts.push({ at, letter: char, count: end - at });
    } else parts.push({ at, literal: char });
    at = end;
  }
  return parts;
};

const closingQuote = (pattern: string, start: number): number => {
  for (let at = start + 1; at < pattern.length; at++) {
    if (pattern[at] !== "'") continue;
    if (pattern[at + 1] !== "'" || at === start + 1) return at;
    at++;
  }
  throw new DateFormatError("a quote is not closed", start);
};
