import { FormatError } from "./format-error.ts";

export interface CsvOptions {
  /** One character. */
  readonly separator: string;
  /** One character. */
  readonly quote: string;
  /** Removes white space around values that are not in quotes. */
  readonly trim?: boolean | undefined;
}

/** The most values of a line. */
const mostValues = 10_000;

/** The values of one line (RFC 4180): a value in quotes may contain separators, line ends, and quotes written twice. Throws a `FormatError`. */
export const parseCsv = (text: string, { separator, quote, trim = false }: CsvOptions): string[] => {
  const values: string[] = [];
  for (let at = 0; ; ) {
    if (values.length >= mostValues) throw new FormatError(`the line has more than ${mostValues} values`);
    const start = afterSpace(text, at, separator);
    if (text[start] === quote) {
      const { value, end } = inQuotes(text, start, quote);
      values.push(value);
      at = afterSpace(text, end, separator);
    } else {
      const end = text.indexOf(separator, at);
      const value = text.slice(at, end < 0 ? text.length : end);
      const wrong = Math.max(value.indexOf(quote), value.search(/[\r\n]/));
      if (wrong >= 0)
        throw new FormatError(`a value with what is at character ${at + wrong + 1} needs quotes around it`);
      values.push(trim ? value.trim() : value);
      at = end < 0 ? text.length : end;
    }
    if (at >= text.length) return values;
    if (text[at] !== separator) throw new FormatError(`something follows the quotes at character ${at + 1}`);
    at++;
  }
};

/** Where the spaces and tabs from a place on end: those around quotes do not matter. */
const afterSpace = (text: string, start: number, separator: string): number => {
  let at = start;
  while ((text[at] === " " || text[at] === "\t") && text[at] !== separator) at++;
  return at;
};

const inQuotes = (text: string, start: number, quote: string): { readonly value: string; readonly end: number } => {
  const parts: string[] = [];
  for (let at = start + 1; ; ) {
    const end = text.indexOf(quote, at);
    if (end < 0) throw new FormatError(`the quote at character ${start + 1} is not closed`);
    parts.push(text.slice(at, end));
    if (text[end + 1] !== quote) return { value: parts.join(quote), end: end + 1 };
    at = end + 2;
  }
};
